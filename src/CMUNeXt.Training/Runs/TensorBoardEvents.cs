using System.Buffers.Binary;
using System.Numerics;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Training.Runs.TensorBoard;
using Google.Protobuf;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// What TensorBoard shows of a run: records of length, its checksum, an event, its checksum (TFRecord). TensorBoard follows a file that
/// grows, so an epoch is appended; a run that goes on writes its settings and scalars anew.
/// </summary>
/// <param name="path">The file; its name holds "tfevents".</param>
internal sealed class TensorBoardEvents(string path)
{
    // DT_STRING of TensorFlow's types.proto.
    private const int StringType = 7;

    public string Path { get; } = path;

    /// <summary>Writes settings and all epochs anew.</summary>
    /// <param name="settings">The settings, as JSON.</param>
    /// <param name="epochs">The epochs.</param>
    public void Rewrite(string settings, IReadOnlyList<EpochRecord> epochs) => AtomicFile.Write(Path, stream =>
    {
        WriteHead(stream, epochs.Count > 0 ? epochs[0].EndedAt : 0, settings);
        foreach (EpochRecord epoch in epochs)
        {
            Write(stream, ToEvent(epoch));
        }
    });

    /// <summary>Adds an epoch at the end.</summary>
    /// <inheritdoc cref="Rewrite"/>
    public void Append(string settings, EpochRecord epoch)
    {
        using FileStream stream = new(Path, FileMode.Append, FileAccess.Write);
        if (stream.Length == 0)
        {
            WriteHead(stream, epoch.EndedAt, settings);
        }

        Write(stream, ToEvent(epoch));
    }

    /// <summary>Writes the images of an epoch, to a file of their own.</summary>
    /// <param name="path">The file; its name holds "tfevents".</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="images">Images by name.</param>
    public static void WriteImages(string path, EpochRecord epoch, IReadOnlyList<(string Name, Image Image)> images)
    {
        Summary summary = new();
        summary.Value.AddRange(images.Select(static one => new Summary.Types.Value
        {
            Tag = one.Name,
            Image = new Summary.Types.Image
            {
                Height = one.Image.Height,
                Width = one.Image.Width,
                Colorspace = one.Image.Channels,
                EncodedImageString = ByteString.CopyFrom(ImageFile.EncodePng(one.Image)),
            },
        }));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream =>
        {
            WriteVersion(stream, epoch.EndedAt);
            Write(stream, new Event { WallTime = epoch.EndedAt, Step = epoch.Epoch + 1, Summary = summary });
        });
    }

    private static void WriteVersion(Stream stream, double time) =>
        Write(stream, new Event { WallTime = time, FileVersion = "brain.Event:2" });

    private static void WriteHead(Stream stream, double time, string settings)
    {
        WriteVersion(stream, time);

        // Markdown: what is indented is shown as it is.
        string text = string.Concat(settings.Split('\n').Select(static line => $"    {line}\n"));
        Summary summary = new();
        summary.Value.Add(new Summary.Types.Value
        {
            Tag = "settings/text_summary",
            Metadata = new SummaryMetadata { PluginData = new SummaryMetadata.Types.PluginData { PluginName = "text" } },
            Tensor = new TensorProto { Dtype = StringType, StringVal = { ByteString.CopyFromUtf8(text) } },
        });
        Write(stream, new Event { WallTime = time, Summary = summary });
    }

    private static Event ToEvent(EpochRecord epoch)
    {
        Summary summary = new();
        void Add(string tag, double value) => summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
        Add("loss/training", epoch.TrainLoss);
        Add("loss/validation", epoch.ValidationLoss);
        Add("iou/training", epoch.TrainIou);
        Add("iou/validation", epoch.Validation.Iou);
        Add("f1/validation", epoch.Validation.F1);
        Add("learning_rate", epoch.LearningRate);
        return new Event { WallTime = epoch.EndedAt, Step = epoch.Epoch + 1, Summary = summary };
    }

    private static void Write(Stream stream, Event content)
    {
        byte[] data = content.ToByteArray();
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(header, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedChecksum(header[..8]));
        stream.Write(header);
        stream.Write(data);
        Span<byte> footer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedChecksum(data));
        stream.Write(footer);
    }

    // CRC-32C, rotated and shifted, so that the checksum of data with checksums in it stays a good one.
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xa282ead8;
    }
}
