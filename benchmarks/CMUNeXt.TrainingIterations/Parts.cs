using CMUNeXt.Backends;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Networks;

namespace CMUNeXt.TrainingIterations;

/// <summary>The time of each part of the managed engine's iteration.</summary>
internal static class Parts
{
    public static void Run(string model, int batch, int size, int threads, int iterations)
    {
        NetworkDescription network = NetworkCatalog.Describe(model);
        using TrainingNetwork trained = new(
            network,
            network.Configuration!.StartingWeights(network.Channels, network.Outputs, 41),
            new SegmentationLoss(0.5, 1),
            new MomentumOptimizer(0.9, 1e-4),
            threads);
        Batch images = Worker.MakeBatch(batch, size);
        float[] logits = new float[batch * size * size];
        Dictionary<string, List<double>> times = [];
        for (int i = 0; i < iterations + 2; i++)
        {
            Dictionary<string, double> now = [];
            trained.Timing = (name, time) => now[name] = now.GetValueOrDefault(name) + time.TotalMilliseconds;
            trained.Iterate(images.Input, images.Target, batch, size, size, 0.01, logits);
            foreach ((string name, double time) in i >= 2 ? now : [])
            {
                (times.TryGetValue(name, out List<double>? all) ? all : times[name] = []).Add(time);
            }
        }

        (string Name, double Time)[] medians = [.. times.Select(part => (part.Key, part.Value.Order().ElementAt(part.Value.Count / 2)))];
        foreach ((string name, double time) in medians)
        {
            Console.WriteLine($"{time,8:0.00} ms  {name}");
        }

        foreach (IGrouping<string, (string Name, double Time)> kind in medians.GroupBy(part => part.Name.Split(": ")[1])
            .OrderByDescending(kind => kind.Sum(part => part.Time)))
        {
            Console.WriteLine($"{kind.Sum(part => part.Time),8:0.00} ms  all {kind.Key}");
        }

        Console.WriteLine($"{medians.Sum(part => part.Time),8:0.00} ms  all");
    }
}
