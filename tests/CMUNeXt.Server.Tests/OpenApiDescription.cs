using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;

namespace CMUNeXt.Server.Tests;

/// <summary>
/// The OpenAPI description of the endpoints: generated here, so that the program carries the file alone and not its generator.
/// </summary>
internal static class OpenApiDescription
{
    private const string Segment = "api/v1/segment";

    public static async Task<string> Generate(CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        SegmentationServer.AddServices(builder.Services, RunningServer.Options);
        builder.Services.AddOpenApi("v1", static options =>
        {
            options.AddDocumentTransformer(static (document, _, _) => Describe(document));
            options.AddOperationTransformer(static (operation, context, _) => Describe(operation, context));
        });
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        SegmentationServer.MapApi(app);
        app.MapOpenApi();
        await app.StartAsync(stop);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };
        return (await client.GetStringAsync("/openapi/v1.json", stop)).ReplaceLineEndings("\n") + "\n";
    }

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "CMUNeXt",
            Version = "1",
            Description = "Segmentation of medical images. Research software: not a medical device, and not for diagnosis.",
        };
        document.Servers?.Clear();
        document.AddComponent<IOpenApiSecurityScheme>(
            "apiKey", new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key" });
        document.AddComponent<IOpenApiSecurityScheme>(
            "bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });

        // A server without keys asks for none.
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
            new OpenApiSecurityRequirement(),
        ];

        // What FailureAnswer and BusyException add to the framework's own.
        OpenApiSchema problem = (OpenApiSchema)document.Components!.Schemas!["ProblemDetails"];
        problem.Properties!["error"] = new OpenApiSchema { Type = JsonSchemaType.String };
        problem.Properties["retry_after_seconds"] = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" };
        problem.Required = new HashSet<string> { "error" };
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        string path = context.Description.RelativePath ?? "";
        DescribeBody(operation, path);
        DescribeAnswers(operation, path);
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
        {
            DescribeProblem(operation, "401", "Unauthorized", context.Document);
        }

        // What is refused before any endpoint is reached, and while the server stops.
        DescribeProblem(operation, "403", "Forbidden", context.Document);
        DescribeProblem(operation, "421", "Misdirected Request", context.Document);
        DescribeProblem(operation, "503", "Service Unavailable", context.Document);

        return Task.CompletedTask;
    }

    // Endpoints read bodies whatever their Content-Type, and so declare none themselves.
    private static void DescribeBody(OpenApiOperation operation, string path)
    {
        string[] types = path == Segment ? ["application/octet-stream", "multipart/form-data"]
            : path.EndsWith("/mask", StringComparison.Ordinal) ? ["image/png"]
            : path.EndsWith("/infer", StringComparison.Ordinal) ? ["application/json", "application/octet-stream"]
            : [];
        if (types.Length > 0)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = types.ToDictionary(static type => type, static _ => new OpenApiMediaType()),
            };
        }
    }

    // Endpoints declare one type for each status: that a form is answered with a list, and what is no JSON, is said here.
    private static void DescribeAnswers(OpenApiOperation operation, string path)
    {
        if (!operation.Responses!.TryGetValue("200", out IOpenApiResponse? answer))
        {
            return;
        }

        foreach ((string type, OpenApiMediaType content) in answer.Content!)
        {
            content.Schema = type switch
            {
                "application/json" when path == Segment => OneOrMany(content.Schema!),
                "application/json" => content.Schema,
                "image/svg+xml" => new OpenApiSchema { Type = JsonSchemaType.String },
                _ => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
            };
        }
    }

    private static OpenApiSchema OneOrMany(IOpenApiSchema one) =>
        new() { OneOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one }] };

    private static void DescribeProblem(OpenApiOperation operation, string status, string description, OpenApiDocument? document) =>
        operation.Responses!.TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("ProblemDetails", document) },
            },
        });
}
