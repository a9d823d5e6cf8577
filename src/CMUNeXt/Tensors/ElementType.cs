namespace CMUNeXt.Tensors;

/// <summary>The types of elements that a tensor in a weight file may have.</summary>
public enum ElementType
{
    /// <summary>IEEE 754, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754, 8 bytes.</summary>
    Float64,

    /// <summary>IEEE 754, 2 bytes.</summary>
    Float16,

    /// <summary>The upper half of a float32.</summary>
    BFloat16,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>1 byte, 0 or 1.</summary>
    Bool,
}
