using System.IO.Compression;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom;

/// <summary>
/// A DICOM file (Part 10) that was opened: implicit and explicit little endian, explicit big endian and deflated; images that are not
/// compressed, or by run lengths (RLE) or baseline JPEG. Every other transfer syntax is refused with the name of a tool that converts it.
/// </summary>
public sealed class DicomFile : IDisposable
{
    private const int PreambleLength = 128;
    private const int InflatedBlock = 1 << 16;

    private readonly ByteSource source;
    private readonly DicomLimits limits;
    private bool isDisposed;

    private DicomFile(string name, ByteSource source, DicomLimits limits, Action<long>? take)
    {
        Name = name;
        this.source = source;
        this.limits = limits;
        DataSetReader head = new(source, isExplicit: true, isBigEndian: false, limits);
        CheckSignature(source);
        DataSet meta = head.ReadFileMeta(PreambleLength + 4);
        string uid = meta.Text(DicomAttribute.TransferSyntaxUID) ?? throw DataSet.Bad(DicomAttribute.TransferSyntaxUID, "is missing");
        Syntax = TransferSyntax.Find(uid);
        Data = Syntax.IsDeflated
            ? new DataSetReader(Inflate(source, head.Position, limits, take), Syntax.IsExplicit, Syntax.IsBigEndian, limits).ReadMain(0)
            : new DataSetReader(source, Syntax.IsExplicit, Syntax.IsBigEndian, limits).ReadMain(head.Position);
    }

    /// <summary>The file's path, or what it was called.</summary>
    public string Name { get; }

    internal TransferSyntax Syntax { get; }

    internal DataSet Data { get; }

    /// <summary>Whether a file begins as a DICOM file does, whatever its name says.</summary>
    /// <param name="path">The file; false where it cannot be read.</param>
    public static bool HasSignature(string path)
    {
        try
        {
            using ByteSource source = InputFile.Open(path, ByteSource.Open);
            CheckSignature(source);
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Opens a file, which stays open until this is disposed of; pixels are read frame by frame.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may cost; <see cref="DicomLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">
    /// The file cannot be read, is no DICOM file, damaged, beyond the limits, or of a transfer syntax that is not read.
    /// </exception>
    public static DicomFile Open(string path, DicomLimits? limits = null) =>
        InputFile.Open(path, path => Parse(ByteSource.Open(path), path, limits, take: null));

    /// <summary>Opens a file that is in memory.</summary>
    /// <param name="content">The whole file; it is not copied.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">What it may cost; <see cref="DicomLimits.Default"/> if not given.</param>
    /// <param name="take">
    /// Told of the bytes that a deflated data set becomes before they are kept; what it throws ends the call. Null for no count.
    /// </param>
    /// <exception cref="BadFileException">
    /// It is no DICOM file, damaged, beyond the limits, or of a transfer syntax that is not read.
    /// </exception>
    public static DicomFile Parse(
        ReadOnlyMemory<byte> content, string name, DicomLimits? limits = null, Action<long>? take = null) =>
        Parse(ByteSource.From(content), name, limits, take);

    /// <summary>Opens the image. Its frames are read from this file, which stays open for as long as they are asked for.</summary>
    /// <exception cref="BadFileException">
    /// There is none, or one of a kind that is not read, or what is said of it is contradictory, or the file can no longer be read.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public DicomImage OpenImage() => Checked(() => new DicomImage(this, limits));

    /// <summary>Closes the file. What is in memory is read no more either.</summary>
    public void Dispose()
    {
        isDisposed = true;
        source.Dispose();
    }

    /// <summary>Reads of the file, with its name on what is wrong.</summary>
    internal T Checked<T>(Func<T> read)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return Checked(Name, read);
    }

    /// <summary>Reads of a file, with its name on what is wrong.</summary>
    internal static T Checked<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new BadFileException(name, e.Message, e);
        }
        catch (IOException e) when (e is not BadFileException)
        {
            // A share may go away once its file is open.
            throw new BadFileException(name, $"it cannot be read ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    private static DicomFile Parse(ByteSource source, string name, DicomLimits? limits, Action<long>? take)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            return new DicomFile(name, source, limits ?? DicomLimits.Default, take);
        }
        catch (InvalidDataException e)
        {
            source.Dispose();
            throw new BadFileException(name, e.Message, e);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static void CheckSignature(ByteSource source)
    {
        Span<byte> signature = stackalloc byte[4];
        if (source.Length >= PreambleLength + signature.Length)
        {
            source.Read(PreambleLength, signature);
        }

        if (!signature.SequenceEqual("DICM"u8))
        {
            throw new InvalidDataException(
                "no DICOM file: after 128 bytes there is no DICM; a bare data set becomes one with \"dcmconv --read-dataset IN OUT\"");
        }
    }

    private static ByteSource Inflate(ByteSource source, long offset, DicomLimits limits, Action<long>? take)
    {
        long length = source.Length - offset;
        if (length > limits.InflatedBytes)
        {
            throw new InvalidDataException(
                $"its deflated data set has {length} bytes, more than the {limits.InflatedBytes} that it may become");
        }

        take?.Invoke(length);
        using DeflateStream deflate = new(new MemoryStream(source.Read(offset, length)), CompressionMode.Decompress);
        List<byte[]> blocks = [];
        long inflated = 0;
        int count;
        do
        {
            take?.Invoke(InflatedBlock);
            blocks.Add(new byte[InflatedBlock]);
            count = deflate.ReadAtLeast(blocks[^1], InflatedBlock, throwOnEndOfStream: false);
            inflated += count;
            if (inflated > limits.InflatedBytes)
            {
                throw new InvalidDataException($"its deflated data set becomes more than {limits.InflatedBytes} bytes");
            }
        }
        while (count == InflatedBlock);

        return ByteSource.From(blocks, inflated);
    }
}
