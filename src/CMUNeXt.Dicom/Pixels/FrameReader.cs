using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>Reads frames out of a file's pixel data, each where it is asked for. Any number of threads may ask.</summary>
internal abstract class FrameReader
{
    /// <summary>Finds the frames.</summary>
    /// <exception cref="InvalidDataException">The pixel data is not what the file says of it.</exception>
    public static FrameReader Open(DataSet data, PixelDescription pixels, TransferSyntax syntax)
    {
        Element element = data.Find(DicomAttribute.PixelData)!;
        if (syntax.Compression == FrameCompression.None)
        {
            return element.Fragments is null
                ? new NativeFrames(element, pixels, syntax.IsBigEndian)
                : throw new InvalidDataException($"its pixels are in fragments, which {syntax.Name} does not have: the file is damaged");
        }

        bool areJpegs = syntax.Compression == FrameCompression.Jpeg;
        EncapsulatedFrames frames = EncapsulatedFrames.Find(element, pixels, areJpegs);
        return areJpegs ? new JpegFrames(frames, pixels) : new RleFrames(frames, pixels);
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public abstract StoredFrame Read(int index);
}
