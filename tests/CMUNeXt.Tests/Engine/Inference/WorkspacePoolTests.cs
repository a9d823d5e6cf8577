using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Engine.Inference;

public sealed class WorkspacePoolTests
{
    [Fact]
    public void There_are_as_many_workspaces_as_are_used_at_once()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using Plan plan = Plan.Create(description, SampleNetwork.Weights(description), InstructionSet.Vector128);
        using ThreadTeam team = new(threads: 1);
        List<(int, int)> made = [];
        using WorkspacePool pool = new((height, width) => Bind(plan, team, made, height, width), TimeSpan.FromHours(1));

        Workspace first = pool.Rent(16, 32);
        Workspace second = pool.Rent(16, 32);
        Assert.NotSame(first, second);
        pool.Return(first);
        Assert.Same(first, pool.Rent(16, 32));
        pool.Return(second);

        // Of another size: the one that is free gives way.
        Workspace third = pool.Rent(32, 32);
        Assert.Equal((32, 32), (third.Height, third.Width));
        Assert.Equal(3, made.Count);
        pool.Return(first);
        pool.Return(third);
        Assert.Same(third, pool.Rent(32, 32));
        pool.Return(third);
        Assert.Equal(3, made.Count);
    }

    [Fact]
    public void What_rests_is_given_back()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using Plan plan = Plan.Create(description, SampleNetwork.Weights(description), InstructionSet.Vector128);
        using ThreadTeam team = new(threads: 1);
        List<(int, int)> made = [];
        using WorkspacePool pool = new((height, width) => Bind(plan, team, made, height, width), TimeSpan.FromMilliseconds(1));
        Workspace first = pool.Rent(32, 32);
        pool.Return(first);

        // Whatever rested is made new.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                Workspace workspace = pool.Rent(32, 32);
                pool.Return(workspace);
                return !ReferenceEquals(workspace, first);
            },
            TimeSpan.FromMinutes(1)));
        Assert.True(made.Count > 1);
    }

    private static Workspace Bind(Plan plan, ThreadTeam team, List<(int, int)> made, int height, int width)
    {
        Workspace workspace = plan.Bind(height, width, team);
        made.Add((height, width));
        return workspace;
    }
}
