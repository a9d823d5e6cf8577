using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Weights.Pth;

/// <summary>
/// Reads pickles as plain data. A pickle is a small program that can name and call any Python function; this machine knows the
/// instructions of protocols 2 to 5 that state dicts are made of, and the names of <see cref="PickleGlobal"/>, and refuses
/// everything else by name. Values are null, <see cref="bool"/>, <see cref="long"/>, <see cref="BigInteger"/>,
/// <see cref="double"/>, <see cref="string"/>, byte[], object?[] (a tuple), List (a list), <see cref="PickleDictionary"/>,
/// <see cref="PickleGlobal"/>, <see cref="StorageReference"/> and <see cref="TensorReference"/>.
/// </summary>
internal sealed class PickleMachine
{
    /// <summary>The most bytes of all pickles of a file together; 65,000 tensors take less than half.</summary>
    public const int MaximumLength = 32_000_000;

    /// <summary>
    /// The most objects that the pickles of a file may make together: one byte can make an object of many. A tensor takes about ten, and
    /// one for each large number of its shape and strides.
    /// </summary>
    public const int MaximumObjects = 1_000_000;

    // Whole numbers of more bytes are nobody's size or count; the file's magic number has ten.
    private const int MaximumIntegerBytes = 16;

    private const string Hint = "save the state dict alone: torch.save(model.state_dict(), 'weights.pth')";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(static i => (object)(long)i)];
    private static readonly object True = true;
    private static readonly object False = false;

    private readonly string path;
    private readonly ReadOnlyMemory<byte> content;
    private readonly PickleStack stack;
    private readonly List<object?> memo = [];
    private readonly PickleCalls calls;
    private int made;

    /// <summary>Starts at the beginning of the content.</summary>
    /// <param name="path">The file, for the messages.</param>
    /// <param name="content">One pickle, or several in a row, and whatever follows them.</param>
    public PickleMachine(string path, ReadOnlyMemory<byte> content)
    {
        this.path = path;
        this.content = content;
        stack = new PickleStack(path);
        calls = new PickleCalls(path, content.Length);
    }

    /// <summary>Where the next pickle begins, or what follows the last.</summary>
    public int Position { get; private set; }

    /// <summary>The storages named so far, by key.</summary>
    public IReadOnlyDictionary<string, StorageReference> Storages => calls.Storages;

    /// <summary>The refusal of pickles beyond <see cref="MaximumLength"/>.</summary>
    public static BadFileException TooLong(string path) =>
        new(path, $"its pickle is longer than {MaximumLength / 1_000_000} MB, which weights do not need; {Hint}");

    /// <summary>Reads one pickle.</summary>
    /// <exception cref="BadFileException">It is damaged, or asks for something that weights do not need.</exception>
    public object? Read()
    {
        stack.Clear();
        memo.Clear();
        while (true)
        {
            PickleInstruction instruction = (PickleInstruction)Take(1)[0];
            if (instruction == PickleInstruction.Stop)
            {
                return stack.Pop();
            }

            Execute(instruction);
        }
    }

    private void Execute(PickleInstruction instruction)
    {
        switch (instruction)
        {
            case PickleInstruction.Protocol:
                int protocol = Take(1)[0];
                if (protocol is < 2 or > 5)
                {
                    throw Bad($"its pickle has protocol {protocol}; protocols 2 to 5 are read");
                }

                break;
            case PickleInstruction.Frame:
                Take(8);
                break;
            case PickleInstruction.Mark:
                stack.Mark();
                break;
            case PickleInstruction.Pop:
                stack.PopOrUnmark();
                break;
            case PickleInstruction.PopMark:
                stack.DropToMark();
                break;
            case PickleInstruction.Duplicate:
                stack.Push(stack.Top);
                break;
            case PickleInstruction.Put:
                Remember(Take(1)[0]);
                break;
            case PickleInstruction.LongPut:
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case PickleInstruction.Memoize:
                Remember((uint)memo.Count);
                break;
            case PickleInstruction.Get:
                stack.Push(Recall(Take(1)[0]));
                break;
            case PickleInstruction.LongGet:
                stack.Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case PickleInstruction.Append:
                object? last = stack.Pop();
                stack.Peek<List<object?>>("a list").Add(last);
                break;
            case PickleInstruction.Appends:
                ReadOnlySpan<object?> appended = stack.AboveMark();
                stack.BelowMark<List<object?>>("a list").AddRange(appended);
                stack.DropToMark();
                break;
            case PickleInstruction.SetItem:
                object? value = stack.Pop();
                object? key = stack.Pop();
                Set(stack.Peek<PickleDictionary>("a dictionary"), key, value);
                break;
            case PickleInstruction.SetItems:
                SetItems();
                break;
            case PickleInstruction.Build:
                // The attributes of an OrderedDict, such as the versions of the modules: nothing that weights need.
                stack.Pop();
                stack.Peek<PickleDictionary>("a dictionary");
                break;
            case PickleInstruction.Global:
                Global(Line(), Line());
                break;
            case PickleInstruction.StackGlobal:
                string name = stack.Pop<string>("a name");
                Global(stack.Pop<string>("a module's name"), name);
                break;
            case PickleInstruction.Instance:
                throw Refused($"{Line()}.{Line()}");
            case PickleInstruction.Reduce:
                object?[] arguments = stack.Pop<object?[]>("a tuple");
                CountObject();
                stack.Push(calls.Call(stack.Pop<PickleGlobal>("a name that is called"), arguments));
                break;
            case PickleInstruction.PersistentId:
                CountObject();
                stack.Push(calls.Storage(stack.Pop<object?[]>("a tuple")));
                break;
            default:
                stack.Push(Value(instruction));
                break;
        }
    }

    private object? Value(PickleInstruction instruction)
    {
        switch (instruction)
        {
            case PickleInstruction.None:
                return null;
            case PickleInstruction.True:
                return True;
            case PickleInstruction.False:
                return False;
            case PickleInstruction.Int8:
                return SmallIntegers[Take(1)[0]];
            case PickleInstruction.Int16:
                return Number(BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
            case PickleInstruction.Int32:
                return Number(BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
            case PickleInstruction.Long8:
                return Integer(Take(1)[0]);
            case PickleInstruction.Long32:
                return Integer(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case PickleInstruction.Double:
                CountObject();
                return BinaryPrimitives.ReadDoubleBigEndian(Take(8));
            case PickleInstruction.Text8 or PickleInstruction.OldText8:
                CountObject();
                return Text(Take(Take(1)[0]));
            case PickleInstruction.Text32 or PickleInstruction.OldText32:
                CountObject();
                return Text(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
            case PickleInstruction.Text64:
                CountObject();
                return Text(Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
            case PickleInstruction.Bytes8:
                CountObject();
                return Take(Take(1)[0]).ToArray();
            case PickleInstruction.Bytes32:
                CountObject();
                return Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray();
            case PickleInstruction.Bytes64 or PickleInstruction.ByteArray64:
                CountObject();
                return Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))).ToArray();
            case PickleInstruction.EmptyList:
                CountObject();
                return new List<object?>();
            case PickleInstruction.EmptyDictionary:
                CountObject();
                return new PickleDictionary();
            case PickleInstruction.EmptyTuple:
                return Array.Empty<object?>();
            case PickleInstruction.Tuple1:
                CountObject();
                return new[] { stack.Pop() };
            case PickleInstruction.Tuple2:
                CountObject();
                object? second = stack.Pop();
                return new[] { stack.Pop(), second };
            case PickleInstruction.Tuple3:
                CountObject();
                object? third = stack.Pop();
                object? middle = stack.Pop();
                return new[] { stack.Pop(), middle, third };
            case PickleInstruction.Tuple:
                CountObject();
                object?[] tuple = stack.AboveMark().ToArray();
                stack.DropToMark();
                return tuple;
            default:
                throw Bad($"refused: its pickle has the instruction 0x{(byte)instruction:x2}, which state dicts do not use; {Hint}");
        }
    }

    private void SetItems()
    {
        PickleDictionary dictionary = stack.BelowMark<PickleDictionary>("a dictionary");
        ReadOnlySpan<object?> items = stack.AboveMark();
        if (items.Length % 2 != 0)
        {
            throw Bad("its pickle gives a key without a value; the file is damaged");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            Set(dictionary, items[i], items[i + 1]);
        }

        stack.DropToMark();
    }

    private void Set(PickleDictionary dictionary, object? key, object? value)
    {
        if (!PickleDictionary.IsKey(key))
        {
            throw Bad("its pickle has a dictionary key that is neither text nor a whole number; " + Hint);
        }

        dictionary.Set(key!, value);
    }

    private void Global(string module, string name)
    {
        string full = module.Length + name.Length < PickleGlobal.MaximumLength ? $"{module}.{name}" : "a name of more than 256 characters";
        stack.Push(PickleGlobal.Find(full) ?? throw Refused(full));
    }

    private BadFileException Refused(string name) =>
        Bad($"refused: the file asks for {PrintableName.Of(name)}, which weights do not need; nothing was executed; {Hint}");

    // The numbers follow one another in what Python writes; any other number may at most leave room for what was read so far.
    private void Remember(uint place)
    {
        if (place > (uint)Position)
        {
            throw Bad("its pickle numbers its values beyond its own length; the file is damaged");
        }

        while (memo.Count <= place)
        {
            memo.Add(Unset.Instance);
        }

        memo[(int)place] = stack.Top;
    }

    private object? Recall(uint place) =>
        place < (uint)memo.Count && memo[(int)place] is not Unset
            ? memo[(int)place]
            : throw Bad("its pickle uses a value before it is made; the file is damaged");

    private object Integer(uint length)
    {
        if (length > MaximumIntegerBytes)
        {
            throw Bad($"its pickle has a whole number of {length} bytes; the file is damaged");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        if (length > sizeof(long))
        {
            CountObject();
            return new BigInteger(bytes);
        }

        return Number((long)new BigInteger(bytes));
    }

    private object Number(long number)
    {
        if (number is >= 0 and < 256)
        {
            return SmallIntegers[number];
        }

        CountObject();
        return number;
    }

    private void CountObject()
    {
        if (++made > MaximumObjects)
        {
            throw Bad("its pickle makes more than a million objects, which weights do not need; the file is damaged, or hostile");
        }
    }

    private string Line()
    {
        ReadOnlySpan<byte> rest = content.Span[Position..];
        int length = rest[..Math.Min(rest.Length, PickleGlobal.MaximumLength + 1)].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Bad("its pickle has a name that does not end; the file is damaged");
        }

        string text = Text(Take((uint)length));
        Take(1);
        return text;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadFileException(path, "its pickle has text that is not UTF-8; the file is damaged", e);
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(content.Length - Position))
        {
            throw Bad("its pickle ends too early; the file is cut short or damaged");
        }

        if (length > (ulong)(MaximumLength - Position))
        {
            throw TooLong(path);
        }

        ReadOnlySpan<byte> taken = content.Span.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    private BadFileException Bad(string problem) => new(path, problem);

    private sealed class Unset
    {
        public static Unset Instance { get; } = new();
    }
}
