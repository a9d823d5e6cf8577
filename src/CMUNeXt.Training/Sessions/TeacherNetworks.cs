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
    private readonly List<Network> networks = [];

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
                networks.Add(Open(file, settings));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What teaches; null where there is no teacher.</summary>
    public Teachers? Teachers => networks.Count == 0 ? null : new Teachers(networks);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Network network in networks)
        {
            network.Dispose();
        }
    }

    private static Network Open(TeacherFile file, RunSettings settings)
    {
        LoadedWeights weights = WeightsFile.Load(file.Path);
        if (weights.Sha256 != file.Sha256)
        {
            throw new BadFileException(
                file.Path, "is not the file that the run began with (its SHA-256 differs), so the run cannot be resumed");
        }

        NetworkDescription description = weights.DescribeNetwork();
        Preprocessing here = settings.Preprocessing;
        if (description.Outputs != settings.Network.Outputs || description.Channels != settings.Network.Channels)
        {
            throw new BadFileException(
                file.Path,
                $"takes {description.Channels} channels and gives {description.Outputs} outputs, and the network that learns from it "
                + $"{settings.Network.Channels} and {settings.Network.Outputs}");
        }

        // At another size it may see them: a network is trained for no size alone.
        if (weights.Metadata?.Preprocessing is { } there && there with { Width = here.Width, Height = here.Height } != here)
        {
            throw new BadFileException(
                file.Path, "sees images otherwise than the network that learns from it: their preprocessing differs");
        }

        try
        {
            return BackendRegistry.ForInference(description, settings.Device)
                .Open(description, weights.State, settings.Threads, settings.Device);
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(file.Path, e.Message, e);
        }
    }
}
