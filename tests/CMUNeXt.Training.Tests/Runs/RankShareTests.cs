using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class RankShareTests
{
    [Fact]
    public void Ranks_of_one_host_count_each_other()
    {
        Assert.Equal([3, 3, 3], ThreadRanks.Run(3, communicator => new RankShare(communicator).CountOnHost()));
        Assert.Equal(1, new RankShare(null).CountOnHost());
    }
}
