using System.Buffers.Binary;
using System.Numerics;
using CMUNeXt.Files;
using CMUNeXt.Training.Runs.TensorBoard;
using Google.Protobuf;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// The run's scalars as TensorBoard reads them: records of length, its checksum, an event, its checksum (TFRecord). TensorBoard follows
/// a file that grows, so an epoch is appended; a run that goes on writes the file anew.
/// </summary>
/// <param name="path">The file; its name holds "tfevents".</param>
internal sealed class TensorBoardEvents(string path)
{
    public string Path { get; } = path;

    /// <summary>Writes all epochs anew.</summary>
    public void Rewrite(IReadOnlyList<EpochRecord> epochs) => AtomicFile.Write(Path, stream =>
    {
        WriteVersion(stream, epochs.Count > 0 ? epochs[0].EndedAt : 0);
        foreach (EpochRecord epoch in epochs)
        {
            Write(stream, ToEvent(epoch));
        }
    });

    /// <summary>Adds an epoch at the end.</summary>
    public void Append(EpochRecord epoch)
    {
        using FileStream stream = new(Path, FileMode.Append, FileAccess.Write);
        if (stream.Length == 0)
        {
            WriteVersion(stream, epoch.EndedAt);
        }

        Write(stream, ToEvent(epoch));
    }

    private static void WriteVersion(Stream stream, double time) =>
        Write(stream, new Event { WallTime = time, FileVersion = "brain.Event:2" });

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
