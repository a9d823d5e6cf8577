namespace CMUNeXt.Dicom.Pixels;

/// <summary>What a pixel's samples mean (PS3.3, C.7.6.3.1.2): those that are read.</summary>
internal enum PhotometricInterpretation
{
    /// <summary>Gray, 0 being white.</summary>
    Monochrome1,

    /// <summary>Gray, 0 being black.</summary>
    Monochrome2,

    /// <summary>An index into three tables.</summary>
    PaletteColor,

    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Luminance and two differences of color.</summary>
    YbrFull,

    /// <summary>The same, two neighbors in a row sharing their differences.</summary>
    YbrFull422,
}
