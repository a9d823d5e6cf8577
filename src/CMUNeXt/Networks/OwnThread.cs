namespace CMUNeXt.Networks;

/// <summary>
/// Threads that compute for whoever calls. None has the context of the caller that happens to start it (its activity, the scopes of its
/// log): it computes for others too.
/// </summary>
internal static class OwnThread
{
    /// <summary>Starts a thread, which keeps no program from its end.</summary>
    /// <param name="work">What it does.</param>
    /// <param name="name">Its name.</param>
    /// <returns>Whether the system gave one: a limit of a container, or of memory, may have it give none.</returns>
    public static bool TryStart(Action work, string name)
    {
        try
        {
            new Thread(new ThreadStart(work)) { IsBackground = true, Name = name }.UnsafeStart();
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }
}
