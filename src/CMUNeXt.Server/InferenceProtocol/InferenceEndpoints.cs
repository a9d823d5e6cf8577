using System.Diagnostics;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>The Open Inference Protocol, version 2, with the extension for binary tensors.</summary>
internal sealed class InferenceEndpoints(
    InferenceModels models, SegmentationQueue queue, Readiness readiness, BodyMemory memory, ServerOptions options)
{
    private const string Root = "/v2";
    private const string Refused = "Models are those that the server was started with: none is loaded or unloaded.";

    private static readonly string Version = typeof(InferenceEndpoints).Assembly.GetName().Version!.ToString(3);

    private static readonly string[] Extensions = ["binary_tensor_data", "model_repository", "statistics"];

    /// <summary>Opens compressed bodies of requests, within the limit on their length.</summary>
    public static void UseCompression(IApplicationBuilder app) => app.UseWhen(
        static context => context.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal),
        static v2 => v2.UseRequestDecompression().UseResponseCompression());

    /// <summary>Maps every call.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder v2 = routes.MapGroup(Root).WithTags("Open Inference Protocol");
        v2.MapGet("/health/live", () => Health(isGood: true)).WithSummary("The process answers.")
            .Produces<HealthAnswer>().AllowAnonymous();
        v2.MapGet("/health/ready", () => Health(readiness.IsReady)).WithSummary("The weights are loaded, and requests are taken.")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(503).AllowAnonymous();
        v2.MapGet("/", static () => new ServerMetadata("cmunext", Version, Extensions))
            .WithSummary("The server and the extensions that it knows.");
        v2.MapPost("/repository/index", () => models.All.Select(static model => RepositoryEntry.Of(model)))
            .WithSummary("The models that are served, each a set of weights.");
        v2.MapPost("/repository/models/{model}/load", static (string model) => Refuse())
            .WithSummary(Refused).ProducesProblem(501);
        v2.MapPost("/repository/models/{model}/unload", static (string model) => Refuse())
            .WithSummary(Refused).ProducesProblem(501);
        v2.MapGet("/models/stats", () => new StatisticsAnswer([.. models.All.Select(static one => one.Statistics.Read(one.Name))]))
            .WithSummary("How many requests each model has answered, and how long they took.");
        MapModel(v2.MapGroup("/models/{model}"));
        MapModel(v2.MapGroup("/models/{model}/versions/{version}"));
    }

    private void MapModel(RouteGroupBuilder group)
    {
        group.MapGet("/", (string model, string? version) => Describe(models.Find(model, version)))
            .WithSummary("The inputs and outputs of a model.").ProducesProblem(404);
        group.MapGet("/ready", (string model, string? version) => Ready(models.Find(model, version)))
            .WithSummary("Whether a model takes requests.")
            .Produces<ModelReady>().Produces<ModelReady>(503).ProducesProblem(404);
        group.MapGet("/stats", (string model, string? version) => Count(models.Find(model, version)))
            .WithSummary("How many requests a model has answered, and how long they took.").ProducesProblem(404);
        group.MapPost("/infer", Infer)
            .AddEndpointFilter<RoomInQueue>()
            .WithSummary("Inference by the Open Inference Protocol, tensors in JSON or as binary data.")
            .Produces<InferenceAnswer>(200, "application/json", "application/octet-stream")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(408).ProducesProblem(413).ProducesProblem(415)
            .ProducesProblem(422).ProducesProblem(429).ProducesProblem(504);
    }

    private async Task Infer(HttpContext context, string model, string? version, CancellationToken stop)
    {
        InferenceModel asked = models.Find(model, version);
        long started = Stopwatch.GetTimestamp();
        try
        {
            BodyMemory.Share share = memory.For(context);
            ReadOnlyMemory<byte> body = await Read(context.Request, share, stop).ConfigureAwait(false);
            InferenceRequest request = InferenceRequest.Parse(body, context.Request.Headers[InferenceRequest.JsonLengthHeader], share);
            InputTensor input = asked.Check(request, options.ImageLimit);
            InferenceClock clock = asked.StartClock();
            IReadOnlyList<OutputTensor> outputs = await queue.Run(
                input.Shape[0], token => Compute(asked, request, input, share, clock, token), stop).ConfigureAwait(false);
            await Answer(asked, request, outputs).Send(context.Response, stop).ConfigureAwait(false);
            asked.Statistics.Add(input.Shape[0], clock.Times, Stopwatch.GetElapsedTime(started));
        }
        catch
        {
            asked.Statistics.Fail(Stopwatch.GetElapsedTime(started));
            throw;
        }
    }

    private static IReadOnlyList<OutputTensor> Compute(
        InferenceModel model,
        InferenceRequest request,
        InputTensor input,
        BodyMemory.Share memory,
        InferenceClock clock,
        CancellationToken stop)
    {
        clock.Begin();
        IReadOnlyList<OutputTensor> outputs = model.Infer(
            input, name => request.Outputs.Count == 0 || request.Outputs.Any(output => output.Name == name), memory, clock, stop);
        clock.Encoded();
        return outputs;
    }

    // In the order in which they were asked for.
    private static InferenceResponse Answer(InferenceModel model, InferenceRequest request, IReadOnlyList<OutputTensor> outputs) => new(
        model.Name,
        request.Id,
        request.Outputs.Count == 0
            ? [.. outputs.Select(output => (output, request.IsBinary))]
            : [.. request.Outputs.Select(asked => (outputs.First(output => output.Name == asked.Name), asked.IsBinary))]);

    private static async Task<ReadOnlyMemory<byte>> Read(HttpRequest request, BodyMemory.Share share, CancellationToken stop)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new BadHttpRequestException(
                "A body is compressed by gzip or deflate, or not at all.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await RequestBody.ReadAll(request.Body, request.ContentLength, share, stop).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new BadHttpRequestException("The compressed body is damaged.", e);
        }
    }

    private JsonHttpResult<HealthAnswer> Health(bool isGood) =>
        TypedResults.Json(new HealthAnswer(Live: true, readiness.IsReady), statusCode: StatusFor(isGood));

    private JsonHttpResult<ModelReady> Ready(InferenceModel model) =>
        TypedResults.Json(new ModelReady(model.Name, readiness.IsReady), statusCode: StatusFor(readiness.IsReady));

    private static int StatusFor(bool isGood) => isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private static ProblemHttpResult Refuse() => TypedResults.Problem(Refused, statusCode: 501);

    private static StatisticsAnswer Count(InferenceModel model) => new([model.Statistics.Read(model.Name)]);

    private static ModelMetadata Describe(InferenceModel model) =>
        new(model.Name, [InferenceModels.Version], "cmunext", [model.Input], model.Outputs);
}
