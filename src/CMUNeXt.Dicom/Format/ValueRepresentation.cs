namespace CMUNeXt.Dicom.Format;

/// <summary>How an attribute's value is written (PS3.5, 6.2). The numbers are the two letters that stand in a file.</summary>
internal enum ValueRepresentation
{
    AE = ('A' << 8) | 'E',
    AS = ('A' << 8) | 'S',
    AT = ('A' << 8) | 'T',
    CS = ('C' << 8) | 'S',
    DA = ('D' << 8) | 'A',
    DS = ('D' << 8) | 'S',
    DT = ('D' << 8) | 'T',
    FD = ('F' << 8) | 'D',
    FL = ('F' << 8) | 'L',
    IS = ('I' << 8) | 'S',
    LO = ('L' << 8) | 'O',
    LT = ('L' << 8) | 'T',
    OB = ('O' << 8) | 'B',
    OD = ('O' << 8) | 'D',
    OF = ('O' << 8) | 'F',
    OL = ('O' << 8) | 'L',
    OV = ('O' << 8) | 'V',
    OW = ('O' << 8) | 'W',
    PN = ('P' << 8) | 'N',
    SH = ('S' << 8) | 'H',
    SL = ('S' << 8) | 'L',
    SQ = ('S' << 8) | 'Q',
    SS = ('S' << 8) | 'S',
    ST = ('S' << 8) | 'T',
    SV = ('S' << 8) | 'V',
    TM = ('T' << 8) | 'M',
    UC = ('U' << 8) | 'C',
    UI = ('U' << 8) | 'I',
    UL = ('U' << 8) | 'L',
    UN = ('U' << 8) | 'N',
    UR = ('U' << 8) | 'R',
    US = ('U' << 8) | 'S',
    UT = ('U' << 8) | 'T',
    UV = ('U' << 8) | 'V',
}

/// <summary>What the representations have in common.</summary>
internal static class ValueRepresentations
{
    /// <summary>Whether an explicit file gives the length in 32 bits, after two bytes that are reserved.</summary>
    public static bool HasLongLength(this ValueRepresentation representation) => representation is
        ValueRepresentation.OB or ValueRepresentation.OD or ValueRepresentation.OF or ValueRepresentation.OL or ValueRepresentation.OV
        or ValueRepresentation.OW or ValueRepresentation.SQ or ValueRepresentation.SV or ValueRepresentation.UC or ValueRepresentation.UN
        or ValueRepresentation.UR or ValueRepresentation.UT or ValueRepresentation.UV;

    /// <summary>Whether the value is characters, the same bytes whatever the byte order.</summary>
    public static bool IsText(this ValueRepresentation representation) => representation is
        ValueRepresentation.AE or ValueRepresentation.AS or ValueRepresentation.CS or ValueRepresentation.DA or ValueRepresentation.DS
        or ValueRepresentation.DT or ValueRepresentation.IS or ValueRepresentation.LO or ValueRepresentation.LT or ValueRepresentation.PN
        or ValueRepresentation.SH or ValueRepresentation.ST or ValueRepresentation.TM or ValueRepresentation.UC or ValueRepresentation.UI
        or ValueRepresentation.UR or ValueRepresentation.UT;
}
