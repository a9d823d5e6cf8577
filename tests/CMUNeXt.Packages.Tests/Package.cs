using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace CMUNeXt.Packages.Tests;

/// <summary>A packed project.</summary>
internal sealed class Package : IDisposable
{
    private readonly ZipArchive archive;
    private readonly ZipArchive symbols;

    private Package(string path)
    {
        archive = ZipFile.OpenRead(path);
        symbols = ZipFile.OpenRead(Path.ChangeExtension(path, ".snupkg"));
        using Stream stream = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        Metadata = XDocument.Load(stream).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    /// <summary>What it says of itself.</summary>
    public XElement Metadata { get; }

    /// <summary>Its name.</summary>
    public string Name => Text("id");

    /// <summary>The files in it.</summary>
    public IEnumerable<string> Files => archive.Entries.Select(entry => entry.FullName);

    /// <summary>Opens the package of a project in a folder.</summary>
    public static Package Open(string folder, string project) => new(
        Directory.GetFiles(folder, "*.nupkg").Single(path => Path.GetFileName(path).StartsWith($"{project}.0", StringComparison.Ordinal)));

    /// <summary>A value of its metadata.</summary>
    public string Text(string name) => Metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    /// <summary>The source files and the symbol files that its code names, as a debugger and a stack trace see them.</summary>
    public IReadOnlyList<string> NamedPaths()
    {
        List<string> paths = [];
        foreach (ZipArchiveEntry entry in symbols.Entries.Where(entry => entry.Name.EndsWith(".pdb", StringComparison.Ordinal)))
        {
            using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(Read(entry));
            MetadataReader reader = provider.GetMetadataReader();
            paths.AddRange(reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)));
        }

        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using PEReader reader = new(Read(entry));
            paths.AddRange(reader.ReadDebugDirectory().Where(one => one.Type == DebugDirectoryEntryType.CodeView)
                .Select(one => reader.ReadCodeViewDebugDirectoryData(one).Path));
        }

        return paths;
    }

    public void Dispose()
    {
        archive.Dispose();
        symbols.Dispose();
    }

    private static MemoryStream Read(ZipArchiveEntry entry)
    {
        MemoryStream content = new();
        using (Stream stream = entry.Open())
        {
            stream.CopyTo(content);
        }

        content.Position = 0;
        return content;
    }
}
