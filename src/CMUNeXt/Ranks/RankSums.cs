using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Ranks;

/// <summary>
/// Puts together what the images of all ranks give. Each image's values are kept apart until they are added in the order of the images, and
/// so a sum has the same bits for any number of ranks.
/// </summary>
internal sealed unsafe class RankSums(ICommunicator communicator)
{
    private readonly int[] images = new int[communicator.Size];
    private readonly int[] sent = new int[communicator.Size];
    private readonly int[] received = new int[communicator.Size];
    private double[] values = [];
    private float[] parts = [];
    private float[] summands = [];
    private float[] totals = [];

    /// <summary>The images of all ranks.</summary>
    public int Images { get; private set; }

    /// <summary>Begins an iteration.</summary>
    /// <param name="own">The images of this rank; they come after those of the ranks before.</param>
    public void Begin(int own)
    {
        Array.Fill(received, sizeof(int));
        communicator.AllGather(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in own)), received, MemoryMarshal.AsBytes(images.AsSpan()));
        Images = images.Sum();
    }

    /// <summary>The values of all images, in their order. They are valid until the next call.</summary>
    /// <param name="own">The values of this rank's images, one image after the other.</param>
    /// <param name="length">The values of an image.</param>
    public ReadOnlySpan<double> Gather(ReadOnlySpan<double> own, int length)
    {
        Span<double> all = Room(ref values, Images * length);
        CountBytes(received, length * sizeof(double));
        communicator.AllGather(MemoryMarshal.AsBytes(own), received, MemoryMarshal.AsBytes(all));
        return all;
    }

    /// <summary>Adds up sums of all images: each rank a part of them, which it then gives to all.</summary>
    /// <param name="sums">The sums of this rank's first image; those of all images take their place.</param>
    /// <param name="size">Floats of the sums of an image.</param>
    /// <param name="next">Floats from an image to the next.</param>
    public void AddUp(float* sums, int size, nint next)
    {
        int self = communicator.Rank;
        int own = images[self];
        (int mine, int length) = PartOf(self, size);
        Span<float> outgoing = Room(ref parts, own * (size - length));
        int place = 0;
        for (int rank = 0; rank < communicator.Size; rank++)
        {
            (int first, int count) = rank == self ? default : PartOf(rank, size);
            for (int image = 0; image < own; image++)
            {
                new ReadOnlySpan<float>(sums + (image * next) + first, count).CopyTo(outgoing[place..]);
                place += count;
            }

            sent[rank] = own * count * sizeof(float);
        }

        Span<float> incoming = Room(ref summands, (Images - own) * length);
        CountBytes(received, length * sizeof(float));
        received[self] = 0;
        communicator.AllToAll(MemoryMarshal.AsBytes(outgoing), sent, MemoryMarshal.AsBytes(incoming), received);
        Span<float> total = Room(ref totals, length);
        bool isFirst = true;
        place = 0;
        for (int rank = 0; rank < communicator.Size; rank++)
        {
            for (int image = 0; image < images[rank]; image++)
            {
                ReadOnlySpan<float> summand = rank == self
                    ? new ReadOnlySpan<float>(sums + (image * next) + mine, length) : incoming.Slice(place, length);
                place += rank == self ? 0 : length;
                if (isFirst)
                {
                    summand.CopyTo(total);
                    isFirst = false;
                }
                else
                {
                    Add(summand, total);
                }
            }
        }

        for (int rank = 0; rank < communicator.Size; rank++)
        {
            received[rank] = PartOf(rank, size).Count * sizeof(float);
        }

        communicator.AllGather(MemoryMarshal.AsBytes(total), received, MemoryMarshal.AsBytes(new Span<float>(sums, size)));
    }

    private static void Add(ReadOnlySpan<float> summand, Span<float> sums)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sums[i..]) + new Vector<float>(summand[i..])).CopyTo(sums[i..]);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += summand[i];
        }
    }

    private static Span<T> Room<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }

        return array.AsSpan(0, length);
    }

    private (int First, int Count) PartOf(int rank, int size)
    {
        int first = (int)((long)size * rank / communicator.Size);
        return (first, (int)((long)size * (rank + 1) / communicator.Size) - first);
    }

    private void CountBytes(Span<int> counts, int imageBytes)
    {
        for (int rank = 0; rank < counts.Length; rank++)
        {
            counts[rank] = images[rank] * imageBytes;
        }
    }
}
