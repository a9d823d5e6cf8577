using CMUNeXt.Tests;

namespace CMUNeXt.Mpi.Tests;

/// <summary>
/// Two hosts on this machine: two network namespaces with a cable between them, and a host name each. What runs in one reaches the other
/// over TCP alone, and mpirun starts ranks there as it would by ssh.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    private readonly string[] spaces = [$"cmunext-{Environment.ProcessId}-a", $"cmunext-{Environment.ProcessId}-b"];
    private readonly string agent = Path.Combine(Path.GetTempPath(), $"cmunext-agent-{Environment.ProcessId}.sh");

    /// <summary>Makes the hosts, or skips the test where that is not allowed.</summary>
    public TwoHosts()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && File.Exists("/proc/self/ns/net") && TryRun("ip", "netns", "add", spaces[0]),
            "Network namespaces take root (CAP_SYS_ADMIN) and iproute2.");
        try
        {
            Connect();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts a rank on each host.</summary>
    public MpiJob Start(string[] command) => MpiJob.Launch(
        "ip",
        [
            "netns", "exec", spaces[0], "unshare", "--uts", "sh", "-c", "hostname host-a; exec \"$@\"", "sh",
            "mpirun", "--mca", "plm_rsh_agent", agent, "--host", $"{AddressOf(0)},{AddressOf(1)}", "-n", "2", "--bind-to", "none",
            "-x", "LD_LIBRARY_PATH", .. command,
        ]);

    public void Dispose()
    {
        foreach (string space in spaces)
        {
            TryRun("ip", "netns", "delete", space);
        }

        File.Delete(agent);
    }

    private void Connect()
    {
        Run("netns", "add", spaces[1]);
        Run("link", "add", "cable", "netns", spaces[0], "type", "veth", "peer", "name", "cable", "netns", spaces[1]);
        for (int host = 0; host < 2; host++)
        {
            Run("-n", spaces[host], "addr", "add", $"{AddressOf(host)}/24", "dev", "cable");
            Run("-n", spaces[host], "link", "set", "lo", "up");
            Run("-n", spaces[host], "link", "set", "cable", "up");
        }

        // mpirun calls it with the host and the command, as it would ssh.
        File.WriteAllText(agent, $"#!/bin/sh\nshift\nexec ip netns exec {spaces[1]} unshare --uts sh -c \"hostname host-b; $*\"\n");
        Assert.True(TryRun("chmod", "+x", agent));
    }

    private static string AddressOf(int host) => $"10.77.0.{host + 1}";

    private static void Run(params string[] arguments) => Assert.True(TryRun("ip", arguments), $"ip {string.Join(' ', arguments)}");

    private static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            return ChildProcess.Run(program, arguments).Status == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
