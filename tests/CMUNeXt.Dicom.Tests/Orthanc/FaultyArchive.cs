using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Orthanc;

/// <summary>
/// The few answers of an Orthanc that the worker asks for, with new instances "1", "2"... of one file; a test has any of them fail. What is
/// stored in it is called by its content, and of that modality.
/// </summary>
internal sealed class FaultyArchive : IDisposable
{
    private readonly HttpListener listener = FreePort.ListenHttp();
    private readonly byte[] file;
    private readonly ConcurrentQueue<string> asked = [];

    /// <summary>Begins to answer.</summary>
    /// <param name="file">The instances' file.</param>
    /// <param name="instances">How many there are.</param>
    public FaultyArchive(byte[] file, int instances = 1)
    {
        this.file = file;
        Instances = instances;
        Url = listener.Prefixes.Single();
        _ = Answer();
    }

    public string Url { get; }

    /// <summary>How many instances there are.</summary>
    public int Instances { get; set; }

    /// <summary>What it says is the last change where there is none after those asked for; null for the last that there is.</summary>
    public int? LastWhereNoneIsNew { get; set; }

    /// <summary>
    /// From method and path, and what is to be sent on, to the status with which it fails; 0 where it does not, and -1 where the answer
    /// breaks off.
    /// </summary>
    public Func<string, int> Fault { get; set; } = static _ => 0;

    /// <summary>What it says of a failure of status 500.</summary>
    public string Refusal { get; set; } =
        """{ "HttpStatus": 500, "Message": "Not implemented yet", "Details": "Cannot transcode to one of [ ]" }""";

    /// <summary>The most bytes of a request that the proxy before it lets through; more fails with 413.</summary>
    public long MostBytes { get; set; } = long.MaxValue;

    public int Count(string request) => asked.Count(one => one == request);

    public void Dispose() => listener.Close();

    private async Task Answer()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using StreamReader content = new(context.Request.InputStream);
            string sent = await content.ReadToEndAsync();
            string request = $"{context.Request.HttpMethod} {context.Request.RawUrl}";
            request += request.EndsWith("/store", StringComparison.Ordinal) ? $" {sent}" : "";
            asked.Enqueue(request);
            int fault = context.Request.ContentLength64 > MostBytes ? 413 : Fault(request);
            if (fault < 0)
            {
                context.Response.ContentLength64 = 1000;
                context.Response.OutputStream.WriteByte(0);
                context.Response.Abort();
                continue;
            }

            byte[] body = fault == 0 ? BodyOf(request, sent) : fault == 500 ? Encoding.UTF8.GetBytes(Refusal) : [];
            context.Response.StatusCode = fault == 0 ? 200 : fault;
            context.Response.Close(body, willBlock: true);
        }
    }

    private byte[] BodyOf(string request, string sent) => request switch
    {
        "GET /system" => Encoding.UTF8.GetBytes("""{ "Version": "1.12.0" }"""),
        "GET /modalities" => Encoding.UTF8.GetBytes("""[ "pacs" ]"""),
        "GET /changes?last" => Encoding.UTF8.GetBytes($$"""{ "Last": {{Instances}} }"""),
        "POST /instances" => Encoding.UTF8.GetBytes($$"""{ "ID": {{JsonSerializer.Serialize(sent)}} }"""),
        _ when request.StartsWith("GET /changes?since=", StringComparison.Ordinal) => Encoding.UTF8.GetBytes(
            $$"""{ "Changes": [{{string.Join(',', Enumerable.Range(1, Instances).Where(one => one > Since(request)).Select(static one =>
                $$"""{ "Seq": {{one}}, "ChangeType": "NewInstance", "ID": "{{one}}" }"""))}}], "Last": {{LastAfter(Since(request))}} }"""),
        _ when request.EndsWith("/simplified-tags", StringComparison.Ordinal) => Encoding.UTF8.GetBytes(
            $$"""{ "Modality": "{{ModalityOf(request.Split('/')[2])}}", "ManufacturerModelName": "Scanner" }"""),
        _ when request.EndsWith("/file", StringComparison.Ordinal) => file,
        _ => Encoding.UTF8.GetBytes("{}"),
    };

    private int LastAfter(int since) => since < Instances ? Instances : LastWhereNoneIsNew ?? Instances;

    private static string ModalityOf(string instance) => char.IsAsciiDigit(instance[0]) ? "US" : instance;

    private static int Since(string request) => int.Parse(request.Split('=', '&')[1], System.Globalization.CultureInfo.InvariantCulture);
}
