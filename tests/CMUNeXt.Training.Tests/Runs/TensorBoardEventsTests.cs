using System.Buffers.Binary;
using System.Text;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class TensorBoardEventsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Target => folder["events.out.tfevents.run"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_records_state_version_and_settings_and_each_other_an_epoch()
    {
        EpochRecord[] epochs = [SomeRun.Epoch(0), SomeRun.Epoch(1, 0.5)];
        new TensorBoardEvents(Target).Rewrite("{\n  \"a\": 1\n}", epochs);
        List<Event> events = Read(File.ReadAllBytes(Target));

        Assert.Equal(4, events.Count);
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Empty(events[0].Values);

        // A Markdown block of code, in a string tensor of the plug-in for texts.
        Assert.Equal(("settings/text_summary", "text", 7L, "    {\n      \"a\": 1\n    }\n"), Assert.Single(events[1].Texts));
        for (int i = 0; i < 2; i++)
        {
            EpochRecord epoch = epochs[i];
            Assert.Equal(epoch.EndedAt, events[i + 2].Time);
            Assert.Equal(i + 1, events[i + 2].Step);
            Assert.Equal(
            [
                ("loss/training", (float)epoch.TrainLoss), ("loss/validation", (float)epoch.ValidationLoss),
                ("iou/training", (float)epoch.TrainIou),
                ("iou/validation", (float)epoch.Validation.Iou), ("f1/validation", (float)epoch.Validation.F1),
                ("learning_rate", (float)epoch.LearningRate),
            ], events[i + 2].Values);
        }
    }

    [Fact]
    public void Epochs_that_are_appended_make_the_same_file_as_all_at_once()
    {
        EpochRecord[] epochs = [SomeRun.Epoch(0), SomeRun.Epoch(1, 0.5), SomeRun.Epoch(2)];
        TensorBoardEvents events = new(Target);
        foreach (EpochRecord epoch in epochs)
        {
            events.Append("{}", epoch);
        }

        byte[] appended = File.ReadAllBytes(Target);
        events.Rewrite("{}", epochs);
        Assert.Equal(File.ReadAllBytes(Target), appended);
    }

    // An F1 of exactly 0 is common in first epochs. A value that is left out would be a missing point of the curve.
    [Fact]
    public void A_value_of_zero_is_written_too()
    {
        EpochRecord epoch = SomeRun.Epoch(0);
        new TensorBoardEvents(Target).Append("{}", epoch with { Validation = epoch.Validation with { F1 = 0 } });
        Assert.Contains(("f1/validation", 0f), Read(File.ReadAllBytes(Target))[2].Values);
    }

    [Fact]
    public void Images_have_a_file_for_each_epoch()
    {
        Image drawn = new(3, 2, 3, [.. Enumerable.Range(0, 18).Select(static i => (byte)i)]);
        TensorBoardEvents.WriteImages(folder["images/events"], SomeRun.Epoch(4), [("case a", drawn)]);
        List<Event> events = Read(File.ReadAllBytes(folder["images/events"]));
        Assert.Equal(2, events.Count);
        Assert.Equal(5, events[1].Step);
        (string name, (long height, long width, long channels, byte[] png)) = Assert.Single(events[1].Images);
        Assert.Equal(("case a", 2L, 3L, 3L), (name, height, width, channels));
        Assert.Equal(drawn.Pixels, ImageFile.Decode(png, "png", out _).Pixels);
    }

    [Fact]
    public void The_readers_own_checksum_is_CRC32C() =>
        Assert.Equal(0xE3069283u, Crc32C("123456789"u8));

    private sealed record Event(double Time, long Step, string? Version, List<(string Tag, float Value)> Values)
    {
        public List<(string Tag, string Plugin, long Type, string Text)> Texts { get; } = [];

        public List<(string Tag, (long Height, long Width, long Channels, byte[] Png) Image)> Images { get; } = [];
    }

    private static List<Event> Read(ReadOnlySpan<byte> content)
    {
        List<Event> events = [];
        while (!content.IsEmpty)
        {
            int length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(content));
            Assert.Equal(Masked(content[..8]), BinaryPrimitives.ReadUInt32LittleEndian(content[8..]));
            ReadOnlySpan<byte> data = content.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(content[(12 + length)..]));
            events.Add(ReadEvent(data));
            content = content[(16 + length)..];
        }

        return events;
    }

    // event.proto: wall_time = 1 (double), step = 2 (int64), file_version = 3, summary = 5; of summary.proto: value = 1, in it tag = 1,
    // simple_value = 2 (float).
    private static Event ReadEvent(ReadOnlySpan<byte> data)
    {
        Event result = new(0, 0, null, []);
        while (!data.IsEmpty)
        {
            (int field, ReadOnlySpan<byte> value) = Next(ref data);
            switch (field)
            {
                case 1:
                    result = result with { Time = BinaryPrimitives.ReadDoubleLittleEndian(value) };
                    break;
                case 2:
                    result = result with { Step = BinaryPrimitives.ReadInt64LittleEndian(value) };
                    break;
                case 3:
                    result = result with { Version = Encoding.UTF8.GetString(value) };
                    break;
                default:
                    Assert.Equal(5, field);
                    while (!value.IsEmpty)
                    {
                        (int inner, ReadOnlySpan<byte> summary) = Next(ref value);
                        Assert.Equal(1, inner);
                        AddValue(result, summary);
                    }

                    break;
            }
        }

        return result;
    }

    // summary.proto: tag = 1, simple_value = 2 (float), image = 4, tensor = 8, metadata = 9.
    private static void AddValue(Event result, ReadOnlySpan<byte> summary)
    {
        string tag = "";
        string plugin = "";
        while (!summary.IsEmpty)
        {
            (int part, ReadOnlySpan<byte> content) = Next(ref summary);
            switch (part)
            {
                case 1:
                    tag = Encoding.UTF8.GetString(content);
                    break;
                case 2:
                    result.Values.Add((tag, BinaryPrimitives.ReadSingleLittleEndian(content)));
                    break;
                case 4:
                    Dictionary<int, byte[]> image = Fields(content);
                    result.Images.Add((tag, (Number(image[1]), Number(image[2]), Number(image[3]), image[4])));
                    break;
                case 8:
                    Dictionary<int, byte[]> tensor = Fields(content);
                    result.Texts.Add((tag, plugin, Number(tensor[1]), Encoding.UTF8.GetString(tensor[8])));
                    break;
                default:
                    // Plug-in data = 1, in it the plug-in's name = 1.
                    Assert.Equal(9, part);
                    plugin = Encoding.UTF8.GetString(Fields(Fields(content)[1])[1]);
                    break;
            }
        }

        // The order of fields is free.
        for (int i = 0; i < result.Texts.Count; i++)
        {
            result.Texts[i] = result.Texts[i] with { Plugin = plugin };
        }

        static long Number(byte[] content) => BinaryPrimitives.ReadInt64LittleEndian(content);
    }

    private static Dictionary<int, byte[]> Fields(ReadOnlySpan<byte> message)
    {
        Dictionary<int, byte[]> fields = [];
        while (!message.IsEmpty)
        {
            (int field, ReadOnlySpan<byte> content) = Next(ref message);
            fields[field] = content.ToArray();
        }

        return fields;
    }

    // One field of a message in protobuf's encoding; a varint is given as 8 bytes.
    private static Field Next(ref ReadOnlySpan<byte> data)
    {
        ulong key = Varint(ref data);
        int length;
        switch (key & 7)
        {
            case 0:
                byte[] number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, Varint(ref data));
                return new Field((int)(key >> 3), number);
            case 1:
                length = 8;
                break;
            case 2:
                length = checked((int)Varint(ref data));
                break;
            default:
                Assert.Equal(5u, key & 7);
                length = 4;
                break;
        }

        Field field = new((int)(key >> 3), data[..length]);
        data = data[length..];
        return field;
    }

    private readonly ref struct Field(int number, ReadOnlySpan<byte> content)
    {
        private readonly ReadOnlySpan<byte> content = content;

        public void Deconstruct(out int fieldNumber, out ReadOnlySpan<byte> value)
        {
            fieldNumber = number;
            value = content;
        }
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = data[0];
            data = data[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    // Bit by bit, Castagnoli's polynomial reflected.
    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = 0xffffffff;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
