using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>The networks of a run's teachers, opened from their files.</summary>
internal sealed class TeacherNetworks : IDisposable
{
    private readonly List<Teacher> teachers = [];
    private readonly HashSet<string> known = [];

    /// <summary>Opens them.</summary>
    /// <exception cref="BadFileException">
    /// A file is not the one that the run began with, or its network has other outputs than the one that learns, or sees images otherwise.
    /// </exception>
    /// <exception cref="BackendException">No backend runs a network on the run's device.</exception>
    public TeacherNetworks(RunSettings settings)
    {
        try
        {
            foreach (TeacherFile file in settings.Teachers ?? [])
            {
                LoadedWeights weights = Load(file);
                teachers.Add(Open(weights, settings));
                known.UnionWith(KnownCases.AllOf(weights.Metadata));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What teaches; null where there is no teacher.</summary>
    public Teachers? Teachers => teachers.Count == 0 ? null : new Teachers(teachers);

    /// <summary>The images that they know, named as in <see cref="KnownCases"/>.</summary>
    public IReadOnlySet<string> Known => known;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Teacher teacher in teachers)
        {
            teacher.Network.Dispose();
        }
    }

    private static LoadedWeights Load(TeacherFile file)
    {
        if (!File.Exists(file.Path))
        {
            throw new BadFileException(file.Path, "is where a teacher lay, and there is none; give --teacher FILE");
        }

        LoadedWeights weights = WeightsFile.Load(file.Path);
        return weights.Sha256 == file.Sha256
            ? weights
            : throw new BadFileException(
                file.Path,
                "is not the file that the run began with (its SHA-256 differs); "
                + "give --teacher FILE with those of its beginning, in their order");
    }

    private static Teacher Open(LoadedWeights weights, RunSettings settings)
    {
        NetworkDescription description = weights.DescribeNetwork();
        WeightsMetadata metadata = weights.Describe();
        Preprocessing here = settings.Preprocessing;
        if (description.Outputs != settings.Network.Outputs || description.Channels != settings.Network.Channels)
        {
            throw new BadFileException(
                weights.Path,
                $"takes {description.Channels} channels and gives {description.Outputs} outputs, and the network that learns from it "
                + $"{settings.Network.Channels} and {settings.Network.Outputs}");
        }

        if (!metadata.HasClasses(settings.Classes))
        {
            throw new BadFileException(
                weights.Path,
                $"has the classes {string.Join(", ", metadata.Classes)}, and the network that learns from it "
                + string.Join(", ", settings.Classes!));
        }

        // It sees them at its own size, whatever that of the network that learns, where its file states one.
        Preprocessing there = weights.Metadata is null
            ? metadata.Preprocessing with { Width = here.Width, Height = here.Height } : metadata.Preprocessing;
        if (there with { Width = here.Width, Height = here.Height } != here)
        {
            throw new BadFileException(
                weights.Path,
                "sees images otherwise than the network that learns from it: their preprocessing differs; train by the recipe that the "
                + "teacher was trained by");
        }

        if (there.Letterbox && there.Width * here.Height != here.Width * there.Height)
        {
            throw new BadFileException(
                weights.Path,
                $"saw images with bars around them at {there.Width} x {there.Height}; give --size the same proportions");
        }

        try
        {
            Network network = BackendRegistry.ForInference(description, settings.Device)
                .Open(description, weights.State, settings.Threads, settings.Device);
            return new Teacher(network, there.Width, there.Height);
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(weights.Path, e.Message, e);
        }
    }
}
