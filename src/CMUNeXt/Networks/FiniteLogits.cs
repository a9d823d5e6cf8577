using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Files;

namespace CMUNeXt.Networks;

/// <summary>Logits that are finite numbers, as a mask needs them: of any others it would look like that of a healthy image.</summary>
internal static class FiniteLogits
{
    /// <summary>Whether all values are finite.</summary>
    public static bool Are(ReadOnlySpan<float> logits)
    {
        // The difference of a finite number and itself is 0, of any other it is not a number.
        Vector<float> sum = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        foreach (Vector<float> vector in vectors)
        {
            sum += vector - vector;
        }

        float rest = Vector.Sum(sum);
        foreach (float value in logits[(vectors.Length * Vector<float>.Count)..])
        {
            rest += value - value;
        }

        return rest == 0;
    }

    /// <summary>
    /// Refuses weights that are finite themselves, but whose logits of a small plain image are not: they would find nothing anywhere.
    /// </summary>
    /// <param name="network">The network, opened from the weights. One that takes a single size, and costs seconds, is not tried.</param>
    /// <param name="path">The weights' file.</param>
    /// <exception cref="BadFileException">A logit is not finite.</exception>
    public static void Check(Network network, string path)
    {
        if (network.Description.Configuration is null)
        {
            return;
        }

        int side = NetworkCatalog.SizeOf(network.Description.Name).Multiple;
        float[] plain = new float[network.Description.Channels * side * side];
        plain.AsSpan().Fill(1f / 255);
        if (!Are(network.Forward(plain, 1, side, side)))
        {
            throw new BadFileException(
                path, "its values are finite, but so large that logits are not; the weights are damaged, take an earlier checkpoint");
        }
    }
}
