using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Networks;

public sealed class TurnsTests
{
    [Fact]
    public async Task Turns_come_in_the_order_of_arrival_and_those_who_leave_have_none()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Turns turns = new(2);
        await turns.WaitAsync(stop);
        turns.Wait(stop);
        Assert.Equal(2, turns.Taken);

        using CancellationTokenSource leaves = new();
        Task[] waiting = [.. Enumerable.Range(0, 4).Select(i => turns.WaitAsync(i == 1 ? leaves.Token : stop))];
        await leaves.CancelAsync();
        Assert.True((await Record.ExceptionAsync(() => waiting[1])) is OperationCanceledException);
        foreach (int next in (int[])[0, 2, 3])
        {
            Assert.DoesNotContain(waiting, task => task.IsCompletedSuccessfully && Array.IndexOf(waiting, task) >= next);
            turns.Release();
            await waiting[next];
            Assert.Equal(2, turns.Taken);
        }

        turns.Release();
        turns.Release();
        Assert.Equal(0, turns.Taken);
    }

    [Fact]
    public void Whoever_left_already_takes_no_turn()
    {
        Turns turns = new(1);
        Assert.Throws<OperationCanceledException>(() => turns.Wait(new CancellationToken(canceled: true)));
        Assert.Equal(0, turns.Taken);
    }
}
