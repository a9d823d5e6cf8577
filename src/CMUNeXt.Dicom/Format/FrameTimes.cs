namespace CMUNeXt.Dicom.Format;

/// <summary>When the frames of a loop were taken, in milliseconds after the first one.</summary>
internal sealed class FrameTimes
{
    private const double Unknown = 100;

    // Of each frame, where they follow each other unevenly.
    private readonly double[]? times;

    private FrameTimes(double step) => Step = step;

    private FrameTimes(double[] times)
    {
        this.times = times;
        Step = times[^1] / (times.Length - 1);
    }

    /// <summary>From one frame to the next, above 0, in the mean; 100 where the file does not say it.</summary>
    public double Step { get; }

    /// <summary>Of the frame with this index.</summary>
    public double this[int frame] => times?[frame] ?? frame * Step;

    /// <summary>No pixel depends on them: a time that cannot be read is one that the file does not say.</summary>
    /// <param name="data">The image's.</param>
    /// <param name="frames">How many the image has.</param>
    public static FrameTimes Read(DataSet data, int frames)
    {
        if (Vector() is { } times)
        {
            return new FrameTimes(times);
        }

        return new FrameTimes(Positive(DicomAttribute.FrameTime)
            ?? 1000 / (Positive(DicomAttribute.CineRate) ?? Positive(DicomAttribute.RecommendedDisplayFrameRate))
            ?? Unknown);

        // Its values are the time since the frame before, of the first one 0 (PS3.3, C.7.6.5).
        double[]? Vector()
        {
            try
            {
                double[] steps = data.Numbers(DicomAttribute.FrameTimeVector);
                if (frames < 2 || steps.Length != frames || steps.Skip(1).Any(static step => step < 0))
                {
                    return null;
                }

                double[] times = new double[frames];
                for (int i = 1; i < frames; i++)
                {
                    times[i] = times[i - 1] + steps[i];
                }

                return times[^1] is > 0 and < double.PositiveInfinity ? times : null;
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        double? Positive(DicomAttribute attribute)
        {
            try
            {
                return data.Number(attribute) is > 0 and { } value ? value : null;
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }
    }
}
