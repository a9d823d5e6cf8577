using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Backends;

/// <summary>
/// What segments an image: the weights of one file, or of several whose probabilities are averaged, with or without flips of the image.
/// </summary>
public sealed class Ensemble
{
    /// <summary>Puts weights together.</summary>
    /// <param name="members">At least one.</param>
    /// <param name="flips">
    /// Whether each network sees the image flipped left to right, too, and all probabilities are averaged; and top to bottom and both,
    /// where the training of all showed images upside down (<see cref="WeightsMetadata.VerticalFlips"/>).
    /// </param>
    /// <exception cref="ArgumentException">There are no weights.</exception>
    /// <exception cref="BadFileException">
    /// The weights are those of no network, or see images otherwise than the first, or have other classes than the first that name them.
    /// </exception>
    public Ensemble(IReadOnlyList<LoadedWeights> members, bool flips = false)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0)
        {
            throw new ArgumentException("There are no weights.", nameof(members));
        }

        Members = [.. members];
        Flips = flips;
        WeightsMetadata[] all = [.. members.Select(member => member.Describe())];
        WeightsMetadata first = all[0];

        // Weights without names say nothing of the order of their classes: those that have names are held against each other.
        int named = Math.Max(0, Array.FindIndex(all, static one => one.Classes.Count > 0));
        IReadOnlyList<string> classes = all[named].Classes;
        for (int i = 0; i < all.Length; i++)
        {
            string? fault = all[i].Preprocessing != first.Preprocessing ? $"has another preprocessing than {members[0].Path}"
                : all[i].Network.Outputs == all[named].Network.Outputs && all[i].HasClasses(classes) ? null
                : $"has other classes than {members[named].Path}";
            if (fault is not null)
            {
                throw new BadFileException(members[i].Path, $"{fault}, so their probabilities have no mean");
            }
        }

        // What was measured of one network's probabilities says nothing of a mean's. Over flips the presence threshold is kept all the
        // same, where none was measured with them: without it, lesions are outlined in healthy images.
        bool isOne = all.Length == 1;
        Metadata = first with
        {
            Classes = classes,
            Threshold = all.Average(one => one.Threshold),
            VerticalFlips = all.All(one => one.VerticalFlips),
            Calibration = !isOne ? null : flips ? first.CalibrationWithFlips : first.Calibration,
            CalibrationWithFlips = isOne ? first.CalibrationWithFlips : null,
            Presence = !isOne ? null : flips ? first.PresenceWithFlips ?? first.Presence : first.Presence,
            PresenceWithFlips = isOne ? first.PresenceWithFlips : null,
        };
    }

    /// <summary>The weights, at least one.</summary>
    public IReadOnlyList<LoadedWeights> Members { get; }

    /// <summary>Whether flips of the image are averaged too.</summary>
    public bool Flips { get; }

    /// <summary>
    /// What holds for all: that of the only weights, or that of the first, with the names of the first that have any, the mean of the
    /// thresholds, the flips that all know, and without presence threshold and calibration. With flips both are those that were
    /// fitted with them; where there is no such presence threshold, it is the one without flips.
    /// </summary>
    public WeightsMetadata Metadata { get; }

    /// <summary>The SHA-256 of the file; of several, that of their SHA-256, one a line.</summary>
    public string Sha256 => Members is [var only] ? only.Sha256
        : Files.Sha256.Of(System.Text.Encoding.ASCII.GetBytes(string.Concat(Members.Select(member => member.Sha256 + "\n"))));

    /// <summary>Opens the networks: as one.</summary>
    /// <param name="backend">A backend's name; null takes the first that runs the networks on the device.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, ...</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is below 1.</exception>
    /// <exception cref="BackendException">There is no such backend, or this machine does not have the device.</exception>
    /// <exception cref="PlatformNotSupportedException">The backend's native library does not load on this system.</exception>
    /// <exception cref="BadFileException">Weights cannot be computed with, or give logits that are not finite.</exception>
    public Network Open(string? backend = null, int? threads = null, string device = "cpu")
    {
        List<Network> opened = [];
        try
        {
            foreach (LoadedWeights member in Members)
            {
                opened.Add(BackendRegistry.Open(member, backend, threads, device));
            }

            return opened.Count == 1 && !Flips ? opened[0] : new EnsembleNetwork(opened, Flips, Flips && Metadata.VerticalFlips);
        }
        catch
        {
            opened.ForEach(network => network.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Opens the networks for a number of images: with the managed backend many images are computed one a core, and one on all of them; any
    /// other computes one at a time.
    /// </summary>
    /// <param name="images">The number of images, at least 0.</param>
    /// <param name="backend">A backend's name; null takes the first that runs the networks on the device.</param>
    /// <param name="threads">The number of threads for all images together, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, ...</param>
    /// <returns>The networks as one, and how many images are to be computed at once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is below 1.</exception>
    /// <exception cref="BackendException">There is no such backend, or this machine does not have the device.</exception>
    /// <exception cref="PlatformNotSupportedException">The backend's native library does not load on this system.</exception>
    /// <exception cref="BadFileException">Weights cannot be computed with, or give logits that are not finite.</exception>
    public (Network Network, int AtOnce) OpenFor(int images, string? backend, int? threads, string device)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        if (!Members.All(member => BackendRegistry.ForInference(member.DescribeNetwork(), device, backend) is ManagedBackend))
        {
            return (Open(backend, threads, device), 1);
        }

        int cores = Math.Min(threads ?? Environment.ProcessorCount, Environment.ProcessorCount);
        int atOnce = Math.Clamp(images, 1, cores);
        return (Open(backend, cores / atOnce, device), atOnce);
    }
}
