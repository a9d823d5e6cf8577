using System.Net;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>Something that answers where an archive is expected to, always with status 200.</summary>
internal sealed class FakeArchive : IDisposable
{
    private readonly HttpListener listener = FreePort.ListenHttp();

    public FakeArchive(Func<string, byte[]> answer)
    {
        Address = new Uri(listener.Prefixes.Single());
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
