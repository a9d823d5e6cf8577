using System.Diagnostics;
using CMUNeXt.Backends;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Torch.Training;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.TrainingIterations;

/// <summary>One engine: an iteration for each line "iterate" on standard input, and its peak memory for a line "memory".</summary>
internal static class Worker
{
    private const string Recipe = "-recipe";

    public static void Run(string engine, string model, int batch, int size, int threads)
    {
        using ITrainable network = Open(engine, NetworkCatalog.Describe(model), threads);
        Batch images = MakeBatch(batch, size);
        if (engine.EndsWith(Recipe, StringComparison.Ordinal))
        {
            // A healthy image.
            Array.Clear(images.Target, 0, size * size);
        }

        while (Console.ReadLine() is { } line)
        {
            if (line == "iterate")
            {
                long started = Stopwatch.GetTimestamp();
                (double Loss, float[] Logits) result = network.Iterate(images, 0.01);
                Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMilliseconds} {result.Loss}");
            }
            else
            {
                using Process self = Process.GetCurrentProcess();
                Console.WriteLine(self.PeakWorkingSet64 >> 20);
            }
        }
    }

    /// <summary>Noise of the size that normalized images have, and blocks to find in it.</summary>
    public static Batch MakeBatch(int count, int size)
    {
        Random random = new(5);
        byte[] target = [.. Enumerable.Range(0, count * size * size).Select(i => (byte)(((i / 32) + (i / size / 32)) & 1))];
        float[] input = [.. Enumerable.Range(0, 3 * target.Length).Select(_ => (float)random.NextDouble() / 100)];
        return new Batch(count, size, size, input, target);
    }

    private static ITrainable Open(string engine, NetworkDescription network, int threads)
    {
        TrainableSettings settings = engine.EndsWith(Recipe, StringComparison.Ordinal)
            ? TrainingRecipe.Load("ultrasound").ProtocolFor(network).ToTrainableSettings()
            : new TrainableSettings();
        ITrainable opened = engine switch
        {
            "managed" or "managed-recipe" => new ManagedTrainable(network, settings, threads),
            "managed-avx2" => new ManagedTrainable(network, settings, threads, InstructionSet.Avx2),
            "managed-vector128" => new ManagedTrainable(network, settings, threads, InstructionSet.Vector128),
            "torch" or "torch-recipe" => new TorchTrainable(network, settings, threads),
            "torch-plain" => new TorchTrainable(network, settings, threads, "cpu", asItComes: true),
            _ => throw new ArgumentException($"There is no engine '{engine}'."),
        };
        opened.Restore(
            network.Configuration!.StartingWeights(network.Channels, network.Outputs, settings.Seed), null);
        return opened;
    }
}
