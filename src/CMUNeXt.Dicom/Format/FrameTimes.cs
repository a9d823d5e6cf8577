namespace CMUNeXt.Dicom.Format;

/// <summary>When the frames of a loop were taken, and at which pace they are shown, in milliseconds.</summary>
internal sealed class FrameTimes
{
    // A day: no loop is slower, and a rate that is all but 0 is none.
    private const double Longest = 86_400_000;

    // Of each frame after the first one, where the file says it.
    private readonly Func<int, double>? timeOf;

    private FrameTimes(double? pace, Func<int, double>? timeOf)
    {
        Pace = pace;
        this.timeOf = timeOf;
    }

    /// <summary>From one frame to the next, above 0, in the mean; null where the file does not say it.</summary>
    public double? Pace { get; }

    /// <summary>
    /// Of the frame with this index, after the first one; null where the file does not say it. How fast frames are to be shown does not
    /// say when they were taken.
    /// </summary>
    public double? this[int frame] => timeOf?.Invoke(frame);

    /// <summary>No pixel depends on them: a time that cannot be read is one that the file does not say.</summary>
    /// <param name="data">The image's.</param>
    /// <param name="frames">How many the image has.</param>
    public static FrameTimes Read(DataSet data, int frames)
    {
        if (Vector() is { } times)
        {
            return new FrameTimes(times[^1] / (times.Length - 1), frame => times[frame]);
        }

        if ((Positive(DicomAttribute.FrameTime) ?? 1000 / Positive(DicomAttribute.CineRate)) is { } step and < Longest)
        {
            return new FrameTimes(step, frame => frame * step);
        }

        return new FrameTimes(1000 / Positive(DicomAttribute.RecommendedDisplayFrameRate) is { } pace and < Longest ? pace : null, null);

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
