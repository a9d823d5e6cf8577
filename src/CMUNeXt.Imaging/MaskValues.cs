namespace CMUNeXt.Imaging;

/// <summary>How the classes of a mask stand in a gray image.</summary>
public enum MaskValues
{
    /// <summary>One class: 0 is the background, 255 the class. Read as value &gt; 127, since JPEG and resampling blur the two.</summary>
    ZeroOr255,

    /// <summary>The gray value is the index of the class.</summary>
    ClassIndices,
}
