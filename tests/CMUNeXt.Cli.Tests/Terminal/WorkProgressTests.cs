using CMUNeXt.Cli.Terminal;

namespace CMUNeXt.Cli.Tests.Terminal;

public sealed class WorkProgressTests
{
    [Theory]
    [InlineData(15, "0:00:15")]
    [InlineData(86399, "23:59:59")]
    [InlineData(90061, "25:01:01")]
    [InlineData(2419200, "672:00:00")]
    public void The_time_left_keeps_its_days(int seconds, string said) =>
        Assert.Equal(said, WorkProgress.Format(TimeSpan.FromSeconds(seconds)));
}
