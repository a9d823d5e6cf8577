using System.Text.Json.Serialization;

namespace CMUNeXt.Training.Preparation;

/// <summary>What is odd about a file of a data set. The names in JSON are stable.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingKind>))]
public enum FindingKind
{
    /// <summary>An image or mask is missing, damaged, no image, or beyond the limits.</summary>
    [JsonStringEnumMemberName("unreadable")]
    Unreadable,

    /// <summary>An image has no mask.</summary>
    [JsonStringEnumMemberName("missing_mask")]
    MissingMask,

    /// <summary>A mask has no image.</summary>
    [JsonStringEnumMemberName("missing_image")]
    MissingImage,

    /// <summary>A mask has another size than its image.</summary>
    [JsonStringEnumMemberName("size_differs")]
    SizeDiffers,

    /// <summary>A mask had another size than its image, and was scaled to it.</summary>
    [JsonStringEnumMemberName("mask_resized")]
    MaskResized,

    /// <summary>A mask is not stored as gray, or in colors where these are classes, with 1 to 8 bits.</summary>
    [JsonStringEnumMemberName("mask_type")]
    MaskType,

    /// <summary>A mask holds values that it should not.</summary>
    [JsonStringEnumMemberName("mask_values")]
    MaskValues,

    /// <summary>A mask seems to have background and foreground the other way round.</summary>
    [JsonStringEnumMemberName("inverted_mask")]
    InvertedMask,

    /// <summary>An image is turned by the orientation in its file, and its mask is not.</summary>
    [JsonStringEnumMemberName("orientation")]
    Orientation,

    /// <summary>A mask holds colors, so what is foreground cannot be known.</summary>
    [JsonStringEnumMemberName("colored_mask")]
    ColoredMask,

    /// <summary>No pixel of the masks of an image is foreground.</summary>
    [JsonStringEnumMemberName("empty_mask")]
    EmptyMask,

    /// <summary>An image lost something on the way to 8 bits of gray or RGB: the lower bits of 16, or its alpha.</summary>
    [JsonStringEnumMemberName("image_type")]
    ImageType,

    /// <summary>Two images are the same.</summary>
    [JsonStringEnumMemberName("identical_images")]
    IdenticalImages,

    /// <summary>Two files claim one name, or a file looks like a further mask of an image and its name is not understood.</summary>
    [JsonStringEnumMemberName("ambiguous_name")]
    AmbiguousName,

    /// <summary>A file's stem cannot name a case.</summary>
    [JsonStringEnumMemberName("bad_name")]
    BadName,

    /// <summary>A file that is neither image nor mask, or a folder, whose files are not looked into.</summary>
    [JsonStringEnumMemberName("other_file")]
    OtherFile,

    /// <summary>A folder that the published data set has is not there.</summary>
    [JsonStringEnumMemberName("missing_folder")]
    MissingFolder,
}
