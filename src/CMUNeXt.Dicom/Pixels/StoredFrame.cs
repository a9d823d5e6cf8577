namespace CMUNeXt.Dicom.Pixels;

/// <summary>
/// A frame as it is stored, decompressed: rows from the top, a pixel's samples side by side, 16 bits with the low byte first.
/// </summary>
/// <param name="Bytes">height x width x samples x (1 or 2) bytes.</param>
/// <param name="Photometric">What the samples mean; a decoder may have changed it from what the file says.</param>
internal sealed record StoredFrame(byte[] Bytes, PhotometricInterpretation Photometric);
