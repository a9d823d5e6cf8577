using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// A pass through a 3x3 convolution by Winograd's F(4x4, 3x3), forward or backward: the weights are packed; then tiles are transformed,
/// multiplied point by point, and the products transformed back and written. There are two schedules (see <see cref="TileRounds"/>): with
/// few channels each task makes bands of its own from end to end, otherwise all tasks make one part of a round after the other.
/// </summary>
internal abstract unsafe class WinogradPass<TSimd, TVector> : Pass, IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly int transformedBlocks;

    /// <summary>Divides the work and makes room for the weights.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="from">The channels that the weights are multiplied with.</param>
    /// <param name="to">The channels of the products.</param>
    /// <param name="transformedBlocks">The channel blocks whose tiles are transformed.</param>
    /// <param name="imageSums">The floats that are summed up of an image while its bands go by.</param>
    protected WinogradPass(
        Convolution<TSimd, TVector> convolution, ChannelPlaces from, ChannelPlaces to, int transformedBlocks, nint imageSums = 0)
    {
        Convolution = convolution;
        Weights = new WinogradWeights<TSimd, TVector>(from, to);
        this.transformedBlocks = transformedBlocks;
        Rounds = new TileRounds(
            Batch.Capacity, Output.Height, Output.Width, transformedBlocks + Weights.Room, imageSums, convolution.IsNarrow);
    }

    private enum Part
    {
        Packing,
        WholeBands,
        Transforms,
        Products,
        Results,
        Sums,
    }

    public sealed override int Phases => 1 + (OwnsBands ? 1 : RoundParts * RoundCount);

    public sealed override BatchSize Batch => Output.Batch;

    // Where all tasks work on the same bands, each band has statistics of its own.
    public sealed override int ImageSlots => OwnsBands ? base.ImageSlots : Rounds.Bands;

    public sealed override nint Scratch => WindowSize + (OwnsBands ? MapsSize : 0);

    protected sealed override int ImageUnits => Rounds.Bands;

    protected sealed override int? LooseUnits => Current switch
    {
        Part.Packing => Weights.InputBlocks,
        Part.WholeBands => null,
        Part.Transforms => Bands * transformedBlocks,
        Part.Products => Winograd.Points,
        Part.Results => Bands * Weights.OutputBlocks,
        _ => SumUnits(Round),
    };

    protected Convolution<TSimd, TVector> Convolution { get; }

    protected WinogradWeights<TSimd, TVector> Weights { get; }

    protected TileRounds Rounds { get; }

    protected Source<TSimd, TVector> Input => Convolution.Input;

    protected Stage<TSimd, TVector> Output => Convolution.Output;

    /// <summary>Whether each task makes bands of its own, with transforms in its own memory: a round is a band then.</summary>
    protected bool OwnsBands => Convolution.IsNarrow;

    /// <summary>The floats of the transforms.</summary>
    protected abstract nint TransformsSize { get; }

    /// <summary>The floats of the transforms and the products.</summary>
    protected nint MapsSize => TransformsSize + TileMap<TSimd, TVector>.Size(Weights.Room, Rounds);

    /// <summary>Whether rounds sum something up.</summary>
    protected virtual bool HasSums => false;

    private Part Current => Phase == 0 ? Part.Packing
        : OwnsBands ? Part.WholeBands
        : ((Phase - 1) % RoundParts) switch
        {
            0 => Part.Transforms,
            1 => Part.Products,
            2 => Part.Results,
            _ => Part.Sums,
        };

    private int RoundParts => HasSums ? 4 : 3;

    private int RoundCount => Rounds.Rounds(Batch.Count);

    // That which all tasks are in.
    private int Round => (Phase - 1) / RoundParts;

    private int Bands => Rounds.BandsOf(Round, Batch.Count);

    private nint WindowSize => Window<TSimd, TVector>.Size(1, Rounds.BandRows + 2, Output.Width, 1);

    public override void Prepare()
    {
        for (int band = 0; !OwnsBands && band < Batch.Count * Rounds.Bands; band++)
        {
            Begin(band);
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Weights.Dispose();

    protected sealed override void Run(int slot, int from, int to, float* scratch)
    {
        Part part = Current;
        float* maps = OwnsBands ? scratch + WindowSize : Shared + SharedSize - MapsSize;
        if (part == Part.WholeBands)
        {
            Begin(slot);
        }

        for (int unit = from; unit < to; unit++)
        {
            switch (part)
            {
                case Part.Packing:
                    Pack(unit);
                    break;
                case Part.WholeBands:
                    MakeBand(slot, unit, maps, scratch);
                    break;
                case Part.Transforms:
                    TransformOfRound(unit % transformedBlocks, unit / transformedBlocks, maps, scratch);
                    break;
                case Part.Products:
                    Multiply(0, unit, Round, Bands, maps);
                    break;
                case Part.Results:
                    WriteBandOfRound(unit % Weights.OutputBlocks, unit / Weights.OutputBlocks, maps, scratch);
                    break;
                default:
                    WriteSums(Round, unit);
                    break;
            }
        }
    }

    /// <summary>Begins the statistics of a slot.</summary>
    protected abstract void Begin(int slot);

    /// <summary>Takes the weights of a channel block as they are now.</summary>
    protected abstract void Pack(int block);

    /// <summary>Transforms a channel block of a band's tiles.</summary>
    protected abstract void Transform(int slot, int block, int round, int band, float* maps, float* scratch);

    /// <summary>Multiplies the transforms of the bands of a round at a point.</summary>
    protected abstract void Multiply(int slot, int point, int round, int bands, float* maps);

    /// <summary>Writes pixels of the result that follow one another.</summary>
    /// <param name="slot">The slot of the statistics.</param>
    /// <param name="block">The channel block of the result.</param>
    /// <param name="first">The first pixel, counted through the batch.</param>
    /// <param name="pixels">The number of pixels.</param>
    /// <param name="values">Their values.</param>
    protected abstract void Write(int slot, int block, nint first, int pixels, float* values);

    /// <summary>What is added to the sixteen values of two pixels of a channel block of the result.</summary>
    protected abstract float* BiasOf(int block);

    /// <summary>Pieces of work with what a round has summed up.</summary>
    protected virtual int SumUnits(int round) => 0;

    /// <summary>Does one of <see cref="SumUnits"/>.</summary>
    protected virtual void WriteSums(int round, int unit)
    {
    }

    /// <summary>The products of weights and transforms.</summary>
    protected TileMap<TSimd, TVector> Products(float* maps) => new(maps + TransformsSize, Weights.Room, Rounds);

    private void MakeBand(int slot, int round, float* maps, float* scratch)
    {
        for (int block = 0; block < transformedBlocks; block++)
        {
            Transform(slot, block, round, 0, maps, scratch);
        }

        for (int point = 0; point < Winograd.Points; point++)
        {
            Multiply(slot, point, round, 1, maps);
        }

        for (int block = 0; block < Weights.OutputBlocks; block++)
        {
            WriteBand(slot, block, round, 0, maps, scratch);
        }
    }

    private void TransformOfRound(int block, int band, float* maps, float* scratch) =>
        Transform(Rounds.BandAt(Round, band), block, Round, band, maps, scratch);

    private void WriteBandOfRound(int block, int band, float* maps, float* scratch) =>
        WriteBand(Rounds.BandAt(Round, band), block, Round, band, maps, scratch);

    private void WriteBand(int slot, int block, int round, int band, float* maps, float* scratch)
    {
        (int image, int row) = Rounds.Place(round, band);
        Products(maps).TransformBack(block, band, BiasOf(block), scratch);
        int end = Math.Min(row + Rounds.BandRows, Output.Height);
        for (int y = row; y < end; y += Rounds.RunRows)
        {
            int pixels = Math.Min(Rounds.RunRows, end - y) * Output.Width;
            float* values = scratch + ((nint)(y - row) * Rounds.Across * TileRounds.Side * 8);
            Write(slot, block, (((nint)image * Output.Height) + y) * Output.Width, pixels, values);
        }
    }
}
