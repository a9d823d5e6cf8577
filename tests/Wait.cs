using System.Diagnostics;

namespace CMUNeXt.Tests;

/// <summary>
/// Waits for what another thread or process brings about. What does not come fails the test, which then says what it waited for.
/// </summary>
internal static class Wait
{
    // Far above what any test needs: only something that hangs takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Waits, and blocks the thread meanwhile.</summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <param name="isThere">Looks for it.</param>
    public static void Until(string what, Func<bool> isThere)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!isThere())
        {
            Assert.True(clock.Elapsed < Longest, $"There is still no {what} after {Longest}.");
            Thread.Sleep(5);
        }
    }

    /// <summary>Waits where looking takes waiting too.</summary>
    /// <inheritdoc cref="Until(string, Func{bool})"/>
    public static async Task Until(string what, Func<Task<bool>> isThere)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!await isThere())
        {
            Assert.True(clock.Elapsed < Longest, $"There is still no {what} after {Longest}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
