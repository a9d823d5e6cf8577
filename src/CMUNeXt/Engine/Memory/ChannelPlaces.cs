namespace CMUNeXt.Engine.Memory;

/// <summary>
/// Which channel of the original network stands at each place of a map, where groups of channels are filled up to octets.
/// </summary>
internal sealed class ChannelPlaces
{
    private readonly int[] channels;

    /// <summary>Groups of equally many channels, each filled up to octets.</summary>
    public ChannelPlaces(int channels, int groups = 1)
    {
        int octets = (channels + 7) / 8;
        this.channels = [.. Enumerable.Range(0, groups * octets * 8).Select(place =>
            place % (octets * 8) < channels ? (place / (octets * 8) * channels) + (place % (octets * 8)) : -1)];
    }

    /// <summary>Any order; -1 where there is no channel.</summary>
    public ChannelPlaces(IEnumerable<int> channels) => this.channels = [.. channels];

    /// <summary>The number of octets.</summary>
    public int Octets => channels.Length / 8;

    /// <summary>The channel at a place, or -1 where there is none.</summary>
    public int this[int place] => place < channels.Length ? channels[place] : -1;
}
