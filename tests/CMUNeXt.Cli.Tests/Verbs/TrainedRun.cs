using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>A small data set, and a run that nothing interrupted, for all tests of a class.</summary>
public abstract class TrainedRun : IDisposable
{
    private const int Width = 40;
    private const int Height = 48;

    private readonly string backend;
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<string> uninterrupted;

    protected TrainedRun(string backend)
    {
        this.backend = backend;
        for (int i = 0; i < 12; i++)
        {
            WriteCase(i);
        }

        File.WriteAllLines(folder.File("train.txt"), Enumerable.Range(0, 8).Select(i => $"case {i}"));
        File.WriteAllLines(folder.File("val.txt"), Enumerable.Range(8, 4).Select(i => $"case {i}"));
        uninterrupted = new(() =>
        {
            string run = folder.File("uninterrupted");
            (int status, _, string error) = CommandProcess.Run(Begin(run));
            Assert.True(status == 0, error);
            return run;
        });
    }

    /// <summary>The folder of the run that nothing interrupted.</summary>
    public string Uninterrupted => uninterrupted.Value;

    /// <summary>The folder of a run.</summary>
    public string RunFolder(string name) => folder.File(name);

    /// <summary>The folder of the data set.</summary>
    public string Data => folder.Path;

    /// <summary>The command line that begins a run.</summary>
    public string[] Begin(string run, string model = "cmunext-s", int threads = 2) =>
    [
        "train", "--data", folder.Path, "--train", "train.txt", "--val", "val.txt", "--model", model, "--size", "32", "--epochs", "3",
        "--batch", "2", "--threads", $"{threads}", "--backend", backend, "--output", run,
    ];

    /// <summary>The command line that goes on with a run.</summary>
    public static string[] Resume(string run) => ["train", "--resume", "--output", run];

    /// <summary>Waits until a run's settings are written, or the program has ended.</summary>
    internal static void WaitUntilBegun(string run, CommandProcess program) =>
        Wait.Until($"config.json of {run}", () => program.HasExited || File.Exists(Path.Combine(run, "config.json")));

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    // A bright disc on noise.
    private void WriteCase(int number)
    {
        Random random = new(number);
        (int centerX, int centerY, int radius) = (random.Next(12, 28), random.Next(12, 36), random.Next(5, 12));
        byte[] pixels = new byte[Width * Height];
        byte[] mask = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y) = ((i % Width) - centerX, (i / Width) - centerY);
            mask[i] = (x * x) + (y * y) <= radius * radius ? (byte)1 : (byte)0;
            pixels[i] = (byte)((mask[i] * 120) + random.Next(100));
        }

        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks", "0"));
        ImageFile.SavePng(folder.File("images", $"case {number}.png"), new Image(Width, Height, 1, pixels));
        ImageFile.SaveMask(folder.File("masks", "0", $"case {number}.png"), new Mask(Width, Height, mask), MaskValues.ZeroOr255);
    }
}

/// <inheritdoc/>
public sealed class ManagedRun() : TrainedRun("managed");

/// <inheritdoc/>
public sealed class TorchRun() : TrainedRun("torch");
