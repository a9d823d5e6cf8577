using System.Net;
using System.Net.Sockets;

namespace CMUNeXt.Tests;

/// <summary>
/// Free ports of this machine, for what takes none by itself. Between the finding of a port and its use another process may take it: what
/// is started then gets another.
/// </summary>
internal static class FreePort
{
    private const int MostAttempts = 5;

    /// <summary>Starts what listens on a port.</summary>
    /// <param name="start">
    /// Starts it on a port, or throws an <see cref="IOException"/> or <see cref="HttpListenerException"/> where that is taken.
    /// </param>
    public static T Listen<T>(Func<int, T> start)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return start(Find());
            }
            catch (Exception e) when (e is IOException or HttpListenerException && attempt < MostAttempts)
            {
            }
        }
    }

    /// <summary>Starts a listener of which <see cref="HttpListener.Prefixes"/> has the address.</summary>
    public static HttpListener ListenHttp() => Listen(static port =>
    {
        HttpListener listener = new();
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        return listener;
    });

    /// <summary>A port that is free at the moment.</summary>
    public static int Find()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
