using CMUNeXt.Files;
using CMUNeXt.Weights.Pth;

namespace CMUNeXt.Tests.Weights.Pth;

/// <summary>Pickles made by hand: calls of any kind are refused by name, and damage is found.</summary>
public sealed class PickleMachineTests
{
    [Fact]
    public void Plain_values_of_every_protocol_are_read()
    {
        object?[] tuple = Assert.IsType<object?[]>(Read(new HandMadePickle()
            .Op("(N").Raw(0x88, 0x89).Op("K\u00ffM\u00ff\u00ffJ\u00fe\u00ff\u00ff\u00ff").Raw(0x8a, 1, 0x80).Raw(0x8b, 2, 0, 0, 0, 0, 1)
            .Op("G").Raw(0x3f, 0xf8, 0, 0, 0, 0, 0, 0).Text("é").Raw(0x8c, 1, (byte)'s').Raw(0x8d, 1, 0, 0, 0, 0, 0, 0, 0, (byte)'t')
            .Op("U\u0001uT\u0001\0\0\0v")
            .Op("C\u0001\u0007").Op("B\u0001\0\0\0\u0008").Raw(0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 9)
            .Op("](K\u0001K\u0002eK\u0003a").Op(")K\u0001\u0085K\u0001K\u0002\u0086K\u0001K\u0002K\u0003\u0087").Op("t.")));
        Assert.Equal([null, true, false, 255L, 65535L, -2L, -128L, 256L, 1.5, "é", "s", "t", "u", "v"], tuple[..14]);
        Assert.Equal<byte[]>([[7], [8], [9]], tuple[14..17].Cast<byte[]>());
        Assert.Equal<object?>([1L, 2L, 3L], Assert.IsType<List<object?>>(tuple[17]));
        Assert.Equal<object?[]>([[], [1L], [1L, 2L], [1L, 2L, 3L]], tuple[18..].Cast<object?[]>());
    }

    [Fact]
    public void Dictionaries_keep_their_order_and_the_last_value_of_a_key()
    {
        PickleDictionary dictionary = Assert.IsType<PickleDictionary>(Read(new HandMadePickle()
            .Op("}(").Text("b").Op("K\u0001").Text("a").Op("K\u0002u").Text("b").Op("K\u0003s").Op("K\u0004K\u0005s.")));
        Assert.Equal([new("b", 3L), new("a", 2L), new(4L, 5L)], dictionary.Items.ToList());
        Assert.Equal(3L, dictionary.Get("b"));
        Assert.Null(dictionary.Get("c"));
    }

    [Fact]
    public void The_memo_the_stack_and_the_attributes_of_an_OrderedDict_work()
    {
        object?[] tuple = Assert.IsType<object?[]>(Read(new HandMadePickle()
            .Op("(K\u0001q\0K\u0002").Raw(0x94).Op("h\0j\u0001\0\0\0r\u0005\0\0\0h\u0005").Op("K\u00092").Op("00").Op("(K\u0001K\u00011")
            .OrderedDictionary().Op("}bt.")));
        Assert.Equal([1L, 2L, 1L, 2L, 2L], tuple[..5]);
        Assert.IsType<PickleDictionary>(tuple[5]);
    }

    [Fact]
    public void An_OrderedDict_of_pairs_as_Python_2_wrote_it_is_read()
    {
        PickleDictionary dictionary = Assert.IsType<PickleDictionary>(Read(new HandMadePickle()
            .Global("collections", "OrderedDict").Op("](](").Text("a").Op("K\u0001e").Text("b").Op("K\u0002\u0086e\u0085R.")));
        Assert.Equal([new("a", 1L), new("b", 2L)], dictionary.Items.ToList());
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("nt", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "exec")]
    [InlineData("builtins", "getattr")]
    [InlineData("__builtin__", "eval")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    public void A_call_is_refused_by_name(string module, string name)
    {
        Refused(new HandMadePickle().Global(module, name).Text("touch /tmp/owned").Raw(0x85).Op("R."), $"asks for {module}.{name}");

        // Under protocol 4, with the names as text on the stack.
        Refused(new HandMadePickle().Text(module).Text(name).Raw(0x93).Text("touch /tmp/owned").Raw(0x85).Op("R."),
            $"asks for {module}.{name}");

        // Named, and never called.
        Refused(new HandMadePickle().Global(module, name).Op("0").OrderedDictionary().Op("."), $"asks for {module}.{name}");
    }

    [Fact]
    public void A_call_hidden_behind_the_memo_is_refused()
    {
        // The module's name and the function's are put into the memo in pieces that look like keys of a state dict, dropped from
        // the stack, fetched in another order, and only then made into a name to call, in the middle of a valid state dict.
        HandMadePickle hidden = new HandMadePickle().OrderedDictionary().Op("q\0(")
            .Text("system").Op("q\u0001").Tensor("0", 2, 0, [2], [1]).Text("posix").Op("q\u0002").Tensor("0", 2, 0, [2], [1])
            .Op("uh\u0002h\u0001").Raw(0x93).Op("q\u00030h\u0003").Text("touch /tmp/owned").Raw(0x85).Op("R0h\0.");
        Refused(hidden, "asks for posix.system");
    }

    [Theory]
    [InlineData("ios\nsystem\n", "asks for os.system")] // INST
    [InlineData("(ios\nsystem\n.", "asks for os.system")]
    [InlineData("(o.", "0x6f")] // OBJ
    [InlineData("\u0082\u0001.", "0x82")] // EXT1
    [InlineData("))\u0081.", "0x81")] // NEWOBJ
    [InlineData(")))\u0092.", "0x92")] // NEWOBJ_EX
    [InlineData("Pkey\n.", "0x50")] // PERSID, the text form
    [InlineData("\u0097.", "0x97")] // NEXT_BUFFER
    [InlineData("I1\n.", "0x49")] // INT of protocol 0
    [InlineData("\u008f.", "0x8f")] // EMPTY_SET
    [InlineData("\u00ff.", "0xff")]
    public void Instructions_that_state_dicts_do_not_use_are_refused(string instructions, string problem) =>
        Refused(new HandMadePickle().Op(instructions), problem);

    [Theory]
    [InlineData("")] // No end.
    [InlineData(".")] // Nothing made.
    [InlineData("0.")]
    [InlineData("t.")] // No mark.
    [InlineData("1.")]
    [InlineData("2.")]
    [InlineData("(.")] // A mark is no value.
    [InlineData("K\u0001(0s.")]
    [InlineData("](K\u0001a.")] // The list lies below the mark.
    [InlineData("N(K\u0001e.")] // No list.
    [InlineData("(K\u0001K\u0002u.")] // No dictionary at all.
    [InlineData("}(K\u0001u.")] // A key without a value.
    [InlineData("}NK\u0001s.")] // A key that is None.
    [InlineData("}G\0\0\0\0\0\0\0\0K\u0001s.")] // A key that is a float.
    [InlineData("}]K\u0001s.")] // A key that is a list.
    [InlineData("}()K\u0001u.")]
    [InlineData("h\0.")] // Nothing there.
    [InlineData("Nr\u0005\0\0\0h\u0003.")] // A gap in the memo.
    [InlineData("Nr\u00ff\u00ff\u00ff\u00ff.")] // A place beyond the file.
    [InlineData("q\0N.")] // Nothing to remember.
    [InlineData("]N}b.")] // Attributes of None.
    [InlineData("NNR.")] // A call of nothing.
    [InlineData("NQ.")] // A storage that is no tuple.
    [InlineData(")Q.")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffabc.")] // Longer than the file.
    [InlineData("X\u0001\0\0\0\u00ff.")] // Not UTF-8.
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u008a\u0011AAAAAAAAAAAAAAAAA.")] // A number of 17 bytes.
    [InlineData("\u0080\u0006N.")] // Protocol 6.
    [InlineData("\u0080\u0001N.")]
    [InlineData("cos")] // A name without an end.
    [InlineData("K\u0001K\u0001\u0093.")] // A name that is a number.
    [InlineData("ccollections\nOrderedDict\nN\u0085R.")]
    [InlineData("ccollections\nOrderedDict\n](K\u0001ea\u0085R.")]
    [InlineData("ctorch\nFloatStorage\n)R.")] // A type that is called.
    [InlineData("ctorch\nSize\n)R.")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R.")]
    [InlineData("ctorch._utils\n_rebuild_parameter\nN\u0085R.")]
    public void Damage_is_found(string instructions) => Refused(new HandMadePickle().Op(instructions), "its pickle");

    [Fact]
    public void One_storage_has_one_type_and_one_size()
    {
        Refused(new HandMadePickle().Op("(").Storage("0", 2).Storage("0", 3).Op("t."), "two types or sizes");
        Refused(new HandMadePickle().Op("(").Storage("0", 2).Storage("0", 2, "IntStorage").Op("t."), "two types or sizes");
    }

    [Fact]
    public void A_list_that_is_copied_again_and_again_is_refused()
    {
        // A list of 5,000 pairs, and 5,000 calls that would copy it: 25 million items out of 50,000 bytes.
        HandMadePickle pickle = new HandMadePickle().Global("collections", "OrderedDict").Op("q\0](");
        for (int i = 0; i < 5000; i++)
        {
            pickle.Op("M").Raw((byte)i, (byte)(i >> 8)).Op("N\u0086");
        }

        pickle.Op("e\u0085q\u0001");
        for (int i = 0; i < 5000; i++)
        {
            pickle.Op("0h\0h\u0001R");
        }

        Refused(pickle.Op("."), "again and again");
    }

    [Fact]
    public void Values_nested_deeply_do_no_harm()
    {
        HandMadePickle pickle = new HandMadePickle().Op(")");
        for (int i = 0; i < 1_000_000; i++)
        {
            pickle.Raw(0x85);
        }

        Assert.IsType<object?[]>(Read(pickle.Op(".")));
    }

    [Fact]
    public void A_list_that_holds_itself_does_no_harm()
    {
        List<object?> list = Assert.IsType<List<object?>>(Read(new HandMadePickle().Op("]q\0h\0a.")));
        Assert.Same(list, Assert.Single(list));
    }

    [Theory]
    [InlineData("]")]
    [InlineData("N\u0085")]
    [InlineData("M\u00ff\u00ff")]
    [InlineData("U\0")]
    public void More_than_a_million_objects_are_refused(string one)
    {
        string million = string.Concat(Enumerable.Repeat(one, 1_000_000));
        Assert.NotNull(Read(new HandMadePickle().Op(million).Op(".")));
        Refused(new HandMadePickle().Op(million).Op(one).Op("."), "more than a million objects");
    }

    [Fact]
    public void Small_numbers_and_constants_are_made_once_for_all()
    {
        string many = string.Concat(Enumerable.Repeat("NK\u0001M\u0002\0)", 1_100_000));
        Assert.Equal(3L, Read(new HandMadePickle().Op(many).Op("K\u0003.")));
    }

    private static object? Read(HandMadePickle pickle) => new PickleMachine("hand", pickle.ToArray()).Read();

    private static void Refused(HandMadePickle pickle, string problem)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => Read(pickle));
        Assert.Contains(problem, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
