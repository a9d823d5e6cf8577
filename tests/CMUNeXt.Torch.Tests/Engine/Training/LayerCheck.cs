using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Engine.Training;

/// <summary>
/// One layer forwards and back in the engine, held to autograd and to difference quotients of the same layer in double precision: for what
/// it is given at random, results and all gradients of the sum of the results, each times a random number.
/// </summary>
internal sealed unsafe class LayerCheck<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> leaves = [];
    private readonly Dictionary<string, Parameter> parameters = [];
    private readonly List<IDisposable> owned = [];
    private int key = 100;

    // TorchSharp's library is found by the assembly under test.
    static LayerCheck() => RuntimeHelpers.RunModuleConstructor(typeof(TorchNetwork).Module.ModuleHandle);

    public LayerCheck(int images)
    {
        Batch = new BatchSize(images);
        Memory = new BatchMemory(Batch);
    }

    public BatchSize Batch { get; }

    public BatchMemory Memory { get; }

    /// <summary>The layer's tensors in double precision, by name.</summary>
    public Tensor this[string name] => leaves[name];

    /// <summary>Random values in (-1, 1), float32 in double precision.</summary>
    public Tensor Random(params long[] shape)
    {
        float[] values = Formula.Input(key++, shape.Aggregate(1L, (a, b) => a * b));
        return tensor(values).reshape(shape).to_type(ScalarType.Float64);
    }

    /// <summary>A random tensor whose gradient is held.</summary>
    public Tensor Leaf(string name, params long[] shape) => leaves[name] = Random(shape).requires_grad_();

    /// <summary>A random parameter.</summary>
    public Parameter Trained(string name, params int[] shape)
    {
        Tensor value = Leaf(name, [.. shape.Select(size => (long)size)]);
        return parameters[name] = Own(new Parameter(new WeightTensor(name, shape, Layout.Singles(value))));
    }

    /// <summary>A random input, kept in memory with a place for its gradient.</summary>
    public PlainSource<TSimd, TVector> Input(string name, int channels, int height, int width)
    {
        ChannelPlaces order = new(channels);
        Tensor value = Leaf(name, Batch.Count, channels, height, width);
        return new PlainSource<TSimd, TVector>(Layout.ToMap(Memory, order, value), order)
        {
            Gradient = Memory.Rent(order.Blocks, height, width),
        };
    }

    /// <summary>A normalization with random scale and shift.</summary>
    public Normalization Normalize(string name, ChannelPlaces order, int channels)
    {
        StateDict state = new([
            new WeightTensor($"{name}.running_mean", [channels], new float[channels]),
            new WeightTensor($"{name}.running_var", [channels], new float[channels]),
            new WeightTensor($"{name}.num_batches_tracked", ElementType.Int64, [], new byte[8])]);
        return Own(new Normalization(
            Trained($"{name}.weight", channels), Trained($"{name}.bias", channels), Own(new RunningStatistics(name, state)), order, Batch));
    }

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public static Tensor BatchNorm(Tensor x, Tensor weight, Tensor bias)
    {
        Tensor mean = x.mean([0, 2, 3], keepdim: true);
        Tensor variance = (x - mean).square().mean([0, 2, 3], keepdim: true);
        return ((x - mean) / (variance + 1e-5).sqrt() * weight.reshape(1, -1, 1, 1)) + bias.reshape(1, -1, 1, 1);
    }

    /// <summary>Runs a pass, its tasks one after the other, in memory with anything in it.</summary>
    public static void Run(Pass pass)
    {
        using NativeBuffer shared = new(pass.SharedSize);
        using NativeBuffer scratch = new(pass.Scratch);
        new Span<float>(shared.Data, (int)pass.SharedSize).Fill(float.NaN);
        new Span<float>(scratch.Data, (int)pass.Scratch).Fill(777);
        pass.Shared = shared.Data;
        pass.Prepare();
        for (pass.Phase = 0; pass.Phase < pass.Phases; pass.Phase++)
        {
            for (int task = 0; task < pass.Tasks; task++)
            {
                pass.Run(task, scratch.Data);
            }
        }

        SumsTotal<TSimd, TVector> total = new() { Name = "sums", Of = pass };
        for (int task = 0; task < total.Tasks; task++)
        {
            total.Run(task, null);
        }

        for (int unit = 0; unit < pass.EndUnits; unit++)
        {
            pass.End(unit);
        }

        pass.Finish();
        (pass as IDisposable)?.Dispose();
    }

    /// <summary>Holds what readers of a source see to a tensor.</summary>
    public void AssertReads(Tensor expected, Source<TSimd, TVector> source)
    {
        BatchMap map = Memory.Rent(source.Blocks, source.Height, source.Width);
        float* row = stackalloc float[(source.Width + 1) * 8];
        for (int block = 0; block < source.Blocks; block++)
        {
            for (nint pixel = 0; pixel < source.Batch.Count * source.Plane; pixel += source.Width)
            {
                source.Read(block, pixel, source.Width, row);
                new ReadOnlySpan<float>(row, source.Width * 8).CopyTo(new Span<float>(map.At(block, pixel), source.Width * 8));
            }
        }

        float[] actual = Layout.FromMap(map, source.Channels, (int)expected.shape[1]);
        Assert.InRange(Golden.RelativeDifference(Layout.Singles(expected), actual), 0, 1e-5);
    }

    /// <summary>Gives a source its gradient as a layer behind it would.</summary>
    public void WriteGradient(Source<TSimd, TVector> source, Tensor gradient)
    {
        BatchMap map = Layout.ToMap(Memory, source.Channels, gradient);
        float* row = stackalloc float[(source.Width + 1) * 8];
        source.ReserveGradient(1);
        for (int image = 0; image < source.Batch.Count; image++)
        {
            source.BeginGradient(image);
        }

        for (int block = 0; block < source.Blocks; block++)
        {
            for (nint pixel = 0; pixel < source.Batch.Count * source.Plane; pixel += source.Width)
            {
                new ReadOnlySpan<float>(map.At(block, pixel), source.Width * 8).CopyTo(new Span<float>(row, source.Width * 8));
                source.WriteGradient((int)(pixel / source.Plane), block, pixel, source.Width, row);
            }
        }

        source.FinishGradient(1);
    }

    /// <summary>Holds all gradients to autograd's, and some values of each to difference quotients.</summary>
    /// <param name="value">The scalar, from the tensors as they are.</param>
    /// <param name="inputs">The inputs whose gradients were written.</param>
    public void AssertGradients(Func<Tensor> value, params (string Name, PlainSource<TSimd, TVector> Source)[] inputs)
    {
        value().backward();
        foreach ((string name, Tensor leaf) in leaves)
        {
            float[]? actual = parameters.TryGetValue(name, out Parameter? parameter) ? Layout.Gradient(parameter)
                : inputs.FirstOrDefault(input => input.Name == name).Source is { } source
                    ? Layout.FromMap(source.Gradient!, source.Channels, (int)leaf.shape[1])
                : null;
            if (actual is null)
            {
                continue;
            }

            // A normalization over two values lets next to nothing through, and rounding is larger than that.
            float[] expected = Layout.Singles(leaf.grad!);
            double largest = Math.Max(expected.Max(Math.Abs), 1e-2);
            double difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
            Assert.True(difference <= 1e-4 * largest, $"{name}: {difference / largest:g3} of {largest:g3} from autograd");
            using IDisposable noGradients = no_grad();
            Tensor flat = leaf.view(-1);
            foreach (long place in (long[])[0, leaf.numel() / 2, leaf.numel() - 1])
            {
                const double Step = 1e-6;
                double middle = flat[place].item<double>();
                flat[place] = tensor(middle + Step, ScalarType.Float64);
                double above = value().item<double>();
                flat[place] = tensor(middle - Step, ScalarType.Float64);
                double below = value().item<double>();
                flat[place] = tensor(middle, ScalarType.Float64);
                double quotient = (above - below) / (2 * Step);
                Assert.True(
                    Math.Abs(quotient - actual[place]) <= 1e-3 * largest,
                    $"{name}[{place}]: {actual[place]}, and the difference quotient is {quotient}");
            }
        }
    }

    public void Dispose()
    {
        foreach (IDisposable item in owned)
        {
            item.Dispose();
        }

        Memory.Dispose();
        scope.Dispose();
    }
}
