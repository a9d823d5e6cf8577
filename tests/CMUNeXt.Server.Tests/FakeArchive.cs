using System.Net;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>Something that answers where an archive is expected to, always with status 200.</summary>
internal sealed class FakeArchive : IDisposable
{
    private readonly HttpListener listener = FreePort.ListenHttp();

    /// <summary>Answers by the path alone.</summary>
    public FakeArchive(Func<string, byte[]> answer)
        : this((path, _) => answer(path))
    {
    }

    /// <summary>Answers by the path, and by what is sent to it.</summary>
    public FakeArchive(Func<string, string, byte[]> answer)
    {
        Address = new Uri(listener.Prefixes.Single());
        _ = Task.Run(() => Answer(answer));
    }

    public Uri Address { get; }

    public void Dispose() => listener.Close();

    private async Task Answer(Func<string, string, byte[]> answer)
    {
        while (listener.IsListening)
        {
            HttpListenerContext context = await listener.GetContextAsync();
            context.Response.SendChunked = true;
            using StreamReader sent = new(context.Request.InputStream);
            try
            {
                byte[] content = answer(context.Request.Url!.AbsolutePath, await sent.ReadToEndAsync());
                await context.Response.OutputStream.WriteAsync(content);
                context.Response.Close();
            }
            catch (HttpListenerException)
            {
                // The client has had enough.
            }
        }
    }
}
