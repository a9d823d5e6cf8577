namespace CMUNeXt.Weights.Pth;

/// <summary>The instructions that are known; their numbers are those of Python's <c>pickle</c>, whose names stand beside them.</summary>
internal enum PickleInstruction : byte
{
    Mark = (byte)'(', // MARK
    Stop = (byte)'.', // STOP
    Pop = (byte)'0', // POP
    PopMark = (byte)'1', // POP_MARK
    Duplicate = (byte)'2', // DUP
    Double = (byte)'G', // BINFLOAT
    Int32 = (byte)'J', // BININT
    Int8 = (byte)'K', // BININT1
    Int16 = (byte)'M', // BININT2
    None = (byte)'N', // NONE
    PersistentId = (byte)'Q', // BINPERSID
    Reduce = (byte)'R', // REDUCE
    OldText32 = (byte)'T', // BINSTRING
    OldText8 = (byte)'U', // SHORT_BINSTRING
    Text32 = (byte)'X', // BINUNICODE
    Append = (byte)'a', // APPEND
    Build = (byte)'b', // BUILD
    Global = (byte)'c', // GLOBAL
    Appends = (byte)'e', // APPENDS
    Get = (byte)'h', // BINGET
    Instance = (byte)'i', // INST
    LongGet = (byte)'j', // LONG_BINGET
    Put = (byte)'q', // BINPUT
    LongPut = (byte)'r', // LONG_BINPUT
    SetItem = (byte)'s', // SETITEM
    Tuple = (byte)'t', // TUPLE
    SetItems = (byte)'u', // SETITEMS
    EmptyList = (byte)']', // EMPTY_LIST
    EmptyDictionary = (byte)'}', // EMPTY_DICT
    EmptyTuple = (byte)')', // EMPTY_TUPLE
    Bytes32 = (byte)'B', // BINBYTES
    Bytes8 = (byte)'C', // SHORT_BINBYTES
    Protocol = 0x80, // PROTO
    Tuple1 = 0x85, // TUPLE1
    Tuple2 = 0x86, // TUPLE2
    Tuple3 = 0x87, // TUPLE3
    True = 0x88, // NEWTRUE
    False = 0x89, // NEWFALSE
    Long8 = 0x8a, // LONG1
    Long32 = 0x8b, // LONG4
    Text8 = 0x8c, // SHORT_BINUNICODE
    Text64 = 0x8d, // BINUNICODE8
    Bytes64 = 0x8e, // BINBYTES8
    StackGlobal = 0x93, // STACK_GLOBAL
    Memoize = 0x94, // MEMOIZE
    Frame = 0x95, // FRAME
    ByteArray64 = 0x96, // BYTEARRAY8
}
