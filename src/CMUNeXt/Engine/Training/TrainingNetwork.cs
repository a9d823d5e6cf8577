using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training;

/// <summary>
/// A CMUNeXt that learns in this library's own engine. Results are the same for any number of threads. Not safe for several threads at
/// once.
/// </summary>
internal sealed unsafe class TrainingNetwork : IDisposable
{
    private readonly NetworkDescription description;
    private readonly SegmentationLoss loss;
    private readonly Optimizer optimizer;
    private readonly int threads;
    private readonly InstructionSet instructions;
    private RankSums? ranks;
    private TrainingWorkspace? workspace;

    /// <summary>Takes the weights that training starts from.</summary>
    /// <param name="description">Which network; its configuration is needed.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">The optimizer, which becomes the network's.</param>
    /// <param name="threads">At least 1; null, or more than cores, takes one for each core.</param>
    /// <param name="instructions">The instruction set; null takes the widest that this machine has.</param>
    /// <param name="averageDecay">See <see cref="WeightAverage"/>; null keeps no average.</param>
    /// <exception cref="ArgumentException">The network is not a CMUNeXt, or the weights do not fit.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the instruction set.</exception>
    public TrainingNetwork(
        NetworkDescription description,
        StateDict weights,
        SegmentationLoss loss,
        Optimizer optimizer,
        int? threads = null,
        InstructionSet? instructions = null,
        Func<long, double>? averageDecay = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        this.description = description;
        this.loss = loss;
        this.optimizer = optimizer;
        this.threads = Math.Min(threads ?? Environment.ProcessorCount, Environment.ProcessorCount);
        this.instructions = InstructionSets.Choose(instructions);
        Tensors = new TrainedTensors(description, weights);
        Average = averageDecay is null ? null : new WeightAverage(Tensors, averageDecay);
        optimizer.Attach(Tensors.All);
    }

    /// <summary>The tensors, with the gradients of the last iteration.</summary>
    public TrainedTensors Tensors { get; }

    /// <summary>The average of the weights; null where none is kept.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The optimizer.</summary>
    public Optimizer Optimizer => optimizer;

    /// <summary>
    /// Called with the name of each part of an iteration, the optimizer the last of them, and the time that it took; null measures nothing.
    /// </summary>
    public Action<string, TimeSpan>? Timing { get; set; }

    /// <summary>
    /// Makes each iteration from now on with the images of all ranks, as one process would that had them all in the order of the ranks.
    /// </summary>
    public void Join(ICommunicator communicator)
    {
        ranks = new RankSums(communicator);
        workspace?.Dispose();
        workspace = null;
    }

    /// <summary>Makes one iteration: forward in training mode, loss, gradients, optimizer.</summary>
    /// <param name="input">Images x channels x height x width.</param>
    /// <param name="target">Images x height x width classes.</param>
    /// <param name="images">The number of images, at least 1; at least 0 where other ranks have some.</param>
    /// <param name="height">A multiple of 16.</param>
    /// <param name="width">A multiple of 16.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="logits">Room for images x outputs x height x width logits.</param>
    /// <param name="teacher">A teacher's logits; null where there is none.</param>
    /// <param name="settle">Changes the logits before the loss is computed of them; null leaves them as they are.</param>
    /// <returns>The loss of all images, those of other ranks too.</returns>
    /// <exception cref="ArgumentException">A size does not fit, or a normalization would have one value only to work with.</exception>
    public double Iterate(
        ReadOnlySpan<float> input,
        ReadOnlySpan<byte> target,
        int images,
        int height,
        int width,
        double learningRate,
        Span<float> logits,
        float[]? teacher = null,
        Settling? settle = null)
    {
        ranks?.Begin(images);
        Check(input.Length, target, images, height, width, logits.Length);
        if (teacher is not null && teacher.Length != logits.Length)
        {
            throw new ArgumentException(
                $"A teacher has as many logits as the network, {logits.Length} and not {teacher.Length}.", nameof(teacher));
        }

        if (workspace is null || !workspace.Fits(images, height, width))
        {
            workspace?.Dispose();
            workspace = null;
            workspace = instructions switch
            {
                InstructionSet.Avx512 => Make<Simd512, Vector512<float>>(images, height, width),
                InstructionSet.Avx2 => Make<Simd256, Vector256<float>>(images, height, width),
                _ => Make<Simd128, Vector128<float>>(images, height, width),
            };
        }

        workspace.Timing = Timing;
        workspace.Settle = settle;
        fixed (float* values = input)
        {
            fixed (byte* classes = target)
            {
                fixed (float* taught = teacher)
                {
                    return workspace.Iterate(values, classes, teacher is not null, taught, images, learningRate, logits);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace?.Dispose();
        optimizer.Dispose();
        Average?.Dispose();
        Tensors.Dispose();
    }

    private TrainingWorkspace<TSimd, TVector> Make<TSimd, TVector>(int images, int height, int width)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        new(description, Tensors, loss, optimizer, Average, new BatchSize(Math.Max(images, 1), ranks), height, width, threads);

    private void Check(int inputs, ReadOnlySpan<byte> target, int images, int height, int width, int logits)
    {
        long pixels = (long)images * height * width;
        int all = ranks?.Images ?? images;
        int multiple = NetworkCatalog.SizeOf(description.Name).Multiple;
        if (all < 1 || height < multiple || width < multiple || height % multiple != 0 || width % multiple != 0)
        {
            throw new ArgumentException(
                $"An iteration takes at least one image whose sides are multiples of {multiple}, not {all} of {width} x {height}.");
        }

        if (inputs != pixels * description.Channels || target.Length != pixels || logits != pixels * description.Outputs)
        {
            throw new ArgumentException(
                $"{images} images of {width} x {height} need {pixels * description.Channels} values, "
                    + $"{pixels} classes and room for {pixels * description.Outputs} logits.");
        }

        SegmentationLoss.CheckClasses(target, description.Outputs);
        if ((long)all * height * width >> 8 < 2)
        {
            throw new ArgumentException(
                "Batch normalization needs more than one value of each channel: one image of 16 x 16 pixels is too small to train on; "
                    + "use a larger batch or size.");
        }
    }
}
