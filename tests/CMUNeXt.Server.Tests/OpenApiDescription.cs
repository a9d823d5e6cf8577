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
    public static async Task<string> Generate(CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        SegmentationServer.AddServices(builder.Services, RunningServer.Options);
        builder.Services.AddOpenApi("v1", static options =>
        {
            options.AddDocumentTransformer(static (document, _, _) => Describe(document));
            options.AddOperationTransformer(
                static (operation, context, _) => DescribeBody(operation, context.Description.RelativePath ?? ""));
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
        return Task.CompletedTask;
    }

    // Endpoints read bodies whatever their Content-Type, and so declare none themselves.
    private static Task DescribeBody(OpenApiOperation operation, string path)
    {
        string[] types = path == "api/v1/segment" ? ["application/octet-stream", "multipart/form-data"]
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

        return Task.CompletedTask;
    }
}
