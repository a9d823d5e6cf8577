namespace CMUNeXt.Onnx.Format;

/// <summary>
/// Measures how much of a file is structure rather than the tensors' content, without building anything of it: an empty node is two
/// bytes in a file and a hundred in memory, so a file is measured before it is parsed.
/// </summary>
internal static class StructureSize
{
    /// <summary>The most that is read: a thousand large-kernel blocks and more.</summary>
    public const int Maximum = 4 << 20;

    /// <summary>The bytes of a model that are not the raw content of an initializer; null where its fields cannot be told apart.</summary>
    public static long? Measure(ReadOnlySpan<byte> model) =>
        TryMeasureFields(
            model, [ModelProto.GraphFieldNumber, GraphProto.InitializerFieldNumber, TensorProto.RawDataFieldNumber], out long raw)
            ? model.Length - raw
            : null;

    // Adds up the lengths of the fields at the end of a path of field numbers.
    private static bool TryMeasureFields(ReadOnlySpan<byte> message, ReadOnlySpan<int> path, out long length)
    {
        length = 0;
        while (!message.IsEmpty)
        {
            if (!TryReadField(ref message, out int number, out ReadOnlySpan<byte> content))
            {
                return false;
            }

            if (number == path[0] && path.Length == 1)
            {
                length += content.Length;
            }
            else if (number == path[0])
            {
                if (!TryMeasureFields(content, path[1..], out long inner))
                {
                    return false;
                }

                length += inner;
            }
        }

        return true;
    }

    // Fields of other kinds than bytes, text and messages are passed over; their content is empty.
    private static bool TryReadField(ref ReadOnlySpan<byte> message, out int number, out ReadOnlySpan<byte> content)
    {
        content = default;
        number = 0;
        if (!TryReadVarint(ref message, out ulong tag) || tag > uint.MaxValue)
        {
            return false;
        }

        number = (int)(tag >> 3);
        ulong skipped = 0;
        switch (tag & 7)
        {
            case 0:
                return TryReadVarint(ref message, out _);
            case 1:
                skipped = sizeof(ulong);
                break;
            case 2:
                if (!TryReadVarint(ref message, out skipped) || skipped > (ulong)message.Length)
                {
                    return false;
                }

                content = message[..(int)skipped];
                break;
            case 5:
                skipped = sizeof(uint);
                break;
            default:
                // Groups, which ONNX does not have.
                return false;
        }

        if (skipped > (ulong)message.Length)
        {
            return false;
        }

        message = message[(int)skipped..];
        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(message.Length, 10); i++)
        {
            value |= (ulong)(message[i] & 0x7f) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
