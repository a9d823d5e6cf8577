using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Backends;

/// <summary>
/// The backends of this process: the managed engine, and those that were added. Where several can do what is asked for, the one that was
/// added first does it. Safe for several threads at once.
/// </summary>
public static class BackendRegistry
{
    private static readonly Lock Gate = new();
    private static readonly List<(string Name, Lazy<IBackend> Backend)> Added =
    [
        (ManagedBackend.Instance.Name, new(ManagedBackend.Instance)),
    ];
    private static readonly List<(string Name, string Remedy)> Missing = [];

    /// <summary>The names of the backends, that of the managed engine first.</summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            lock (Gate)
            {
                return [.. Added.Select(entry => entry.Name)];
            }
        }
    }

    /// <summary>The backends, each made when it is reached.</summary>
    public static IEnumerable<IBackend> All => Names.Select(name => Find(name)!);

    /// <summary>Adds a backend; one that was added before under the same name stays.</summary>
    public static void Add(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Add(backend.Name, () => backend);
    }

    /// <summary>Adds a backend that is made when it is first needed; one that was added before under the same name stays.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">Makes it.</param>
    public static void Add(string name, Func<IBackend> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(make);
        lock (Gate)
        {
            if (Added.All(entry => entry.Name != name))
            {
                Added.Add((name, new Lazy<IBackend>(make)));
            }
        }
    }

    /// <summary>Says of a backend that is not here how it can be added, for the message where it is missed.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="remedy">What to do, as a phrase: "run ...".</param>
    public static void AddMissing(string name, string remedy)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(remedy);
        lock (Gate)
        {
            Missing.Add((name, remedy));
        }
    }

    /// <summary>The backend of a name; null where there is none.</summary>
    public static IBackend? Find(string name)
    {
        Lazy<IBackend>? found;
        lock (Gate)
        {
            found = Added.FirstOrDefault(entry => entry.Name == name).Backend;
        }

        return found?.Value;
    }

    /// <summary>The backend that runs a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, ...</param>
    /// <param name="name">A backend's name; null takes the first that runs the network on the device.</param>
    /// <exception cref="BackendException">There is no such backend.</exception>
    public static IBackend ForInference(NetworkDescription network, string device = "cpu", string? name = null) =>
        Choose(network, device, name, "run", backend => backend.Runs(network));

    /// <summary>The backend that trains a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, ...</param>
    /// <param name="name">A backend's name; null takes the first that trains the network on the device.</param>
    /// <exception cref="BackendException">There is no such backend.</exception>
    public static IBackend ForTraining(NetworkDescription network, string device = "cpu", string? name = null) =>
        Choose(network, device, name, "train", backend => backend.Trains(network));

    /// <summary>Opens the network of a weight file for inference.</summary>
    /// <param name="weights">The weight file.</param>
    /// <param name="name">A backend's name; null takes the first that runs the network on the device.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, ...</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is below 1.</exception>
    /// <exception cref="BackendException">There is no such backend, or this machine does not have the device.</exception>
    /// <exception cref="PlatformNotSupportedException">The backend's native library does not load on this system.</exception>
    /// <exception cref="BadFileException">
    /// The tensors are those of no network that is known here, or cannot be computed with, or give logits that are not finite.
    /// </exception>
    public static Network Open(LoadedWeights weights, string? name = null, int? threads = null, string device = "cpu")
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        NetworkDescription network = weights.DescribeNetwork();
        IBackend backend = ForInference(network, device, name);
        Network? opened = null;
        try
        {
            opened = backend.Open(network, weights.State, threads, device);
            FiniteLogits.Check(opened, weights.Path);
            return opened;
        }
        catch (BadFileException)
        {
            opened?.Dispose();
            throw;
        }
        catch (ArgumentException e)
        {
            // On the CPU nothing but the tensors is left to be wrong.
            throw device == "cpu" ? new BadFileException(weights.Path, e.Message, e) : new BackendException(e.Message);
        }
    }

    private static IBackend Choose(NetworkDescription network, string device, string? name, string verb, Func<IBackend, bool> can)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(device);
        string kind = device.Split(':')[0];
        if (kind is not ("cpu" or "cuda") && All.All(backend => !backend.Devices.Contains(kind)))
        {
            throw new BackendException($"there is no device '{device}'; there are cpu, cuda and cuda:N");
        }

        if (name is null)
        {
            // What can be installed computes on the CPU.
            string[] remedies = kind == "cpu" ? [.. Remedies(missing => true).Take(1)]
                : ["a GPU takes a program of your own, with the package of a backend that computes there and its native library for CUDA"];
            return All.FirstOrDefault(backend => backend.Devices.Contains(kind) && can(backend)) ?? throw new BackendException(string.Join(
                "; ", [$"no backend that is installed ({string.Join(", ", Names)}) {verb}s this {network.Name} on {device}", .. remedies]));
        }

        IBackend backend = Find(name) ?? throw new BackendException(
            Remedies(missing => missing == name).FirstOrDefault() ?? $"there is no backend '{name}'; there are {string.Join(", ", Known)}");
        return !backend.Devices.Contains(kind)
                ? throw new BackendException(
                    $"the {name} backend does not {verb} on {device}, only on {string.Join(", ", backend.Devices)}")
            : !can(backend)
                ? throw new BackendException(
                    $"the {name} backend does not {verb} this {network.Name}; take another, or leave the choice open")
            : backend;
    }

    // Those that are here, and those that can be added.
    private static string[] Known
    {
        get
        {
            lock (Gate)
            {
                return [.. Added.Select(entry => entry.Name).Union(Missing.Select(entry => entry.Name))];
            }
        }
    }

    // What to do about backends that are missing.
    private static string[] Remedies(Func<string, bool> isAsked)
    {
        lock (Gate)
        {
            return [.. Missing
                .Where(entry => isAsked(entry.Name) && Added.All(added => added.Name != entry.Name))
                .Select(entry => $"the {entry.Name} backend is not installed: {entry.Remedy}")];
        }
    }
}
