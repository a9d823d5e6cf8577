namespace CMUNeXt.Training.Tests.Runs;

/// <summary>A clock that goes on by a fixed time whenever it is looked at.</summary>
internal sealed class FakeClock(TimeSpan tick) : TimeProvider
{
    private long now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now += tick.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(now += tick.Ticks);
}
