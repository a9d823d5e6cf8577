using System.IO.Compression;
using System.Text.Json.Nodes;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Server.Tests;

/// <summary>What the page saved of a session in one zip.</summary>
internal sealed class SavedSession : IDisposable
{
    private readonly ZipArchive zip;

    public SavedSession(string path)
    {
        zip = ZipFile.OpenRead(path);
        string table = Path.ChangeExtension(path, ".csv");
        File.WriteAllBytes(table, Read("session.csv"));
        CsvFile csv = CsvFile.Read(table);
        Rows = [.. csv.Rows.Select(row => csv.Columns.Zip(row).ToDictionary())];
    }

    /// <summary>The rows of its table, by the names of the columns.</summary>
    public IReadOnlyList<Dictionary<string, string>> Rows { get; }

    /// <summary>The names of its files, in order.</summary>
    public IEnumerable<string> Names => zip.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal);

    public void Dispose() => zip.Dispose();

    /// <summary>The mask of an image, 0 and 255 in its file.</summary>
    public Mask MaskOf(string name)
    {
        Image gray = ImageFile.DecodeGray(Read($"{name}_mask.png"), name);
        Assert.DoesNotContain(gray.Pixels, static value => value is not (0 or byte.MaxValue));
        return new Mask(gray.Width, gray.Height, Array.ConvertAll(gray.Pixels, static value => (byte)(value / byte.MaxValue)));
    }

    public Image OverlayOf(string name) => ImageFile.Decode(Read($"{name}_overlay.png"), name);

    public JsonObject ContoursOf(string name) => JsonNode.Parse(Read($"{name}_contours.json"))!.AsObject();

    private byte[] Read(string name)
    {
        using Stream stored = zip.GetEntry(name)!.Open();
        using MemoryStream content = new();
        stored.CopyTo(content);
        return content.ToArray();
    }
}
