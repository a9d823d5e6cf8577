using System.Net;
using System.Net.Sockets;

namespace CMUNeXt.Server.Tests;

/// <summary>Something that answers where an archive is expected to, always with status 200.</summary>
internal sealed class FakeArchive : IDisposable
{
    private readonly HttpListener listener = new();

    public FakeArchive(Func<string, byte[]> answer)
    {
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = new Uri($"http://localhost:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        _ = Task.Run(() => Answer(answer));
    }

    public Uri Address { get; }

    public void Dispose() => listener.Close();

    private async Task Answer(Func<string, byte[]> answer)
    {
        while (listener.IsListening)
        {
            HttpListenerContext context = await listener.GetContextAsync();
            context.Response.SendChunked = true;
            try
            {
                await context.Response.OutputStream.WriteAsync(answer(context.Request.Url!.AbsolutePath));
                context.Response.Close();
            }
            catch (HttpListenerException)
            {
                // The client has had enough.
            }
        }
    }
}
