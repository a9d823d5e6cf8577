using System.Buffers.Binary;
using System.Security.Cryptography;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Tells identical images: two have one fingerprint exactly if they decode to the same pixels (SHA-256). Files that are equal
/// byte by byte therefore do; and so do a gray image and its copy as red, green, blue.
/// </summary>
internal static class ImageFingerprint
{
    /// <summary>The fingerprint of pixels, as hexadecimal digits.</summary>
    public static string Of(Image image)
    {
        Image least = image.Channels == 3 ? EqualChannels.ToGray(image) ?? image : image;
        Span<byte> shape = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(shape, least.Width);
        BinaryPrimitives.WriteInt32LittleEndian(shape[4..], least.Height);
        BinaryPrimitives.WriteInt32LittleEndian(shape[8..], least.Channels);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(shape);
        hash.AppendData(least.Pixels);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>The fingerprints of the cases' images, in the order of the cases.</summary>
    /// <exception cref="BadFileException">An image is missing or broken (the first such, in the order of the cases).</exception>
    public static string[] OfAll(IReadOnlyList<Case> cases, IProgress<int>? progress, CancellationToken cancellation) => CasesAtOnce.Read(
        cases, static one => Of(ImageFile.Load(one.ImagePath)), Environment.ProcessorCount, progress, cancellation);
}
