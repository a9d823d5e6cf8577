using TorchSharp;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Native;

/// <summary>Where libtorch computes.</summary>
internal static class TorchDevice
{
    private static readonly Lock Gate = new();
    private static bool isLoaded;

    /// <summary>Loads libtorch, unless it is loaded: before anything else of TorchSharp is called.</summary>
    /// <exception cref="PlatformNotSupportedException">The native library does not load on this system.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (isLoaded)
            {
                return;
            }

            // Of a library that does not load TorchSharp writes to standard output, which may hold a document, where it was looked for.
            TextWriter output = Console.Out;
            Console.SetOut(TextWriter.Null);
            try
            {
                InitializeDeviceType(DeviceType.CPU);
                isLoaded = true;
            }
            catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException
                or FileNotFoundException or EntryPointNotFoundException)
            {
                throw new PlatformNotSupportedException(
                    "libtorch does not load on this system: a project needs a RuntimeIdentifier, or one of the libtorch packages, as the "
                        + "README of CMUNeXt.Torch says; or compute with another backend.",
                    e);
            }
            finally
            {
                Console.SetOut(output);
            }
        }
    }

    /// <summary>Opens a device, and sets the number of threads of the process.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">At least 1; null takes one for each core.</param>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    /// <exception cref="PlatformNotSupportedException">The native library does not load on this system.</exception>
    public static Device Open(string name, int? threads)
    {
        Load();
        set_num_threads(Math.Min(threads ?? int.MaxValue, Environment.ProcessorCount));
        if (name == "cpu")
        {
            return CPU;
        }

        if (name != "cuda" && !name.StartsWith("cuda:", StringComparison.Ordinal))
        {
            throw new ArgumentException($"There is no device '{name}'; there are cpu, cuda and cuda:N.");
        }

        return cuda.is_available()
            ? device(name)
            : throw new ArgumentException(
                $"The device '{name}' is not available: this libtorch computes on the CPU only, or there is no GPU.");
    }
}
