using CMUNeXt.Backends;
using CMUNeXt.Ranks;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Sessions;

/// <summary>The network that a run trains, as its backend opens it.</summary>
internal static class TrainableNetwork
{
    /// <summary>Opens the network of a run, with the weights that the seed gives.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="communicator">The ranks that train together; null trains alone.</param>
    /// <exception cref="SettingsException">
    /// The machine does not have the device, or the backend does not train the network, or in one process only.
    /// </exception>
    /// <exception cref="BackendException">The backend is not here, or does not train on the device.</exception>
    public static ITrainable Open(RunSettings settings, ICommunicator? communicator)
    {
        ITrainable? network = null;
        try
        {
            network = BackendRegistry.ForTraining(settings.Network, settings.Device, settings.Backend)
                .OpenForTraining(settings.Network, settings.Protocol.ToTrainableSettings(), settings.Threads, settings.Device);
            if (communicator is not null)
            {
                network.Join(communicator);
            }

            return network;
        }
        catch (NotSupportedException e) when (e is not PlatformNotSupportedException)
        {
            network?.Dispose();
            throw new SettingsException($"{settings.Backend}: {e.Message}");
        }
        catch (ArgumentException e)
        {
            // The backend knows the kind of device, and this machine does not have it.
            throw new SettingsException(e.Message);
        }
    }
}
