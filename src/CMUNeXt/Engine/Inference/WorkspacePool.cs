namespace CMUNeXt.Engine.Inference;

/// <summary>
/// The workspaces of a network: one for each call that computes, and no more. Those that are not used for a while are given back to the
/// system.
/// </summary>
internal sealed class WorkspacePool : IDisposable
{
    private readonly Lock gate = new();
    private readonly Func<int, int, Workspace> bind;
    private readonly TimeSpan rest;
    private readonly List<(Workspace Workspace, long Since)> idle = [];
    private readonly Timer timer;
    private bool isTimed;
    private bool isDisposed;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="bind">Makes a workspace for images of a height and a width.</param>
    /// <param name="rest">For how long one is kept that is not used.</param>
    public WorkspacePool(Func<int, int, Workspace> bind, TimeSpan rest)
    {
        this.bind = bind;
        this.rest = rest;
        timer = new Timer(_ => GiveBackRested());
    }

    /// <summary>A workspace of a size. Images mostly have one size: where there are only others, one of them is given up.</summary>
    public Workspace Rent(int height, int width)
    {
        Workspace? other = null;
        lock (gate)
        {
            // The one that was used last, so that those there are too many of rest.
            for (int i = idle.Count - 1; i >= 0; i--)
            {
                Workspace workspace = idle[i].Workspace;
                if (workspace.Height == height && workspace.Width == width)
                {
                    idle.RemoveAt(i);
                    return workspace;
                }
            }

            if (idle.Count > 0)
            {
                other = idle[0].Workspace;
                idle.RemoveAt(0);
            }
        }

        other?.Dispose();
        return bind(height, width);
    }

    /// <summary>Takes a workspace back.</summary>
    public void Return(Workspace workspace)
    {
        lock (gate)
        {
            idle.Add((workspace, Environment.TickCount64));
            if (!isTimed)
            {
                isTimed = timer.Change(rest, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Gives all back. None may be in use.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
        }

        timer.Dispose();
        GiveBack(all: true);
    }

    private void GiveBackRested()
    {
        GiveBack(all: false);
        lock (gate)
        {
            isTimed = !isDisposed && idle.Count > 0 && timer.Change(rest, Timeout.InfiniteTimeSpan);
        }
    }

    private void GiveBack(bool all)
    {
        Workspace[] rested;
        lock (gate)
        {
            long latest = Environment.TickCount64 - (long)rest.TotalMilliseconds;
            rested = [.. idle.Where(entry => all || entry.Since <= latest).Select(entry => entry.Workspace)];
            idle.RemoveAll(entry => rested.Contains(entry.Workspace));
        }

        Array.ForEach(rested, workspace => workspace.Dispose());
    }
}
