using CMUNeXt.Server.Api;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Server.Tests;

/// <summary>What a request throws is answered, and logged where it is a failure of the server's own.</summary>
public sealed class FailureAnswerTests
{
    [Theory]
    [InlineData(false, 500, 1)]
    [InlineData(true, 503, 0)]
    public async Task What_a_stop_cuts_off_is_no_failure(bool stops, int status, int logged)
    {
        Readiness readiness = new();
        if (stops)
        {
            readiness.Drain();
        }

        using ServiceProvider services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        CountedLog log = new();
        FailureAnswer answer = new(services.GetRequiredService<IProblemDetailsService>(), readiness, log);
        DefaultHttpContext context = new() { RequestServices = services };
        Assert.True(await answer.TryHandleAsync(context, new TaskCanceledException(), TestContext.Current.CancellationToken));
        Assert.Equal((status, logged), (context.Response.StatusCode, log.Count));
    }

    private sealed class CountedLog : ILogger<FailureAnswer>
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }
}
