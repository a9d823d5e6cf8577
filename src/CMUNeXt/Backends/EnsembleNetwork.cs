using System.Buffers;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Networks;

namespace CMUNeXt.Backends;

/// <summary>
/// Several networks as one, with or without flips of the image: its probability of a pixel is the mean of theirs, and its logits are those
/// of that mean, so that it stands wherever a network does.
/// </summary>
internal sealed class EnsembleNetwork : Network
{
    private readonly IReadOnlyList<Network> members;
    private readonly IReadOnlyList<Flip> flips;

    /// <summary>
    /// Puts networks together, which it disposes of. Its calls take turns, as many at once as the networks': no thread waits for one.
    /// </summary>
    /// <param name="members">At least one; all with the same channels and outputs.</param>
    /// <param name="leftRight">Whether each sees the image flipped left to right, too.</param>
    /// <param name="topBottom">Whether each sees it flipped top to bottom, too; with both, also both ways.</param>
    public EnsembleNetwork(IReadOnlyList<Network> members, bool leftRight, bool topBottom)
        : base(
            members[0].Description, new Turns(Environment.ProcessorCount, ManagedNetwork.Rest),
            NetworkCatalog.SizeOf(members[0].Description.Name) with { Multiple = 1 })
    {
        // Any side, since each network pads each view for itself: a flip of a padded image has its padding on the left or above.
        this.members = members;
        Flip[] all = [new(false, false), new(true, false), new(false, true), new(true, true)];
        flips = [.. all.Where(flip => (leftRight || !flip.LeftRight) && (topBottom || !flip.TopBottom))];
    }

    /// <inheritdoc/>
    public override string Backend => members[0].Backend;

    /// <inheritdoc/>
    public override string Engine => members[0].Engine;

    /// <inheritdoc/>
    protected override void Compute(ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits,
        CancellationToken cancellation)
    {
        float[] flippedInput = ArrayPool<float>.Shared.Rent(input.Length);
        float[] flippedLogits = ArrayPool<float>.Shared.Rent(logits.Length);
        Span<float> image = flippedInput.AsSpan(0, input.Length);
        Span<float> found = flippedLogits.AsSpan(0, logits.Length);
        ProbabilitySum sum = new(Description.Outputs, batch, height * width);
        foreach (Flip flip in flips)
        {
            flip.Apply(input, width, height, image);
            foreach (Network member in members)
            {
                member.Forward(image, batch, height, width, found, cancellation);

                // A flip undoes itself.
                flip.ApplyInPlace(found, width, height);
                sum.Add(found);
            }
        }

        sum.WriteLogits(logits);
        ArrayPool<float>.Shared.Return(flippedInput);
        ArrayPool<float>.Shared.Return(flippedLogits);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Network member in members)
            {
                member.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private readonly record struct Flip(bool LeftRight, bool TopBottom)
    {
        public void Apply(ReadOnlySpan<float> planes, int width, int height, Span<float> flipped)
        {
            planes.CopyTo(flipped);
            ApplyInPlace(flipped, width, height);
        }

        public void ApplyInPlace(Span<float> planes, int width, int height)
        {
            for (int row = 0; LeftRight && row < planes.Length; row += width)
            {
                planes.Slice(row, width).Reverse();
            }

            for (int plane = 0; TopBottom && plane < planes.Length; plane += width * height)
            {
                Span<float> rows = planes.Slice(plane, width * height);
                for (int top = 0, bottom = height - 1; top < bottom; top++, bottom--)
                {
                    for (int x = 0; x < width; x++)
                    {
                        (rows[(top * width) + x], rows[(bottom * width) + x]) = (rows[(bottom * width) + x], rows[(top * width) + x]);
                    }
                }
            }
        }
    }
}
