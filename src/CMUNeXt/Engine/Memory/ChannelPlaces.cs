namespace CMUNeXt.Engine.Memory;

/// <summary>
/// Which channel of the original network stands at each place of a map, where groups of channels are filled up to channel blocks.
/// </summary>
internal sealed class ChannelPlaces
{
    private readonly int[] channels;

    /// <summary>Groups of equally many channels, each filled up to channel blocks.</summary>
    public ChannelPlaces(int channels, int groups = 1)
    {
        int blocks = (channels + 7) / 8;
        this.channels = [.. Enumerable.Range(0, groups * blocks * 8).Select(place =>
            place % (blocks * 8) < channels ? (place / (blocks * 8) * channels) + (place % (blocks * 8)) : -1)];
    }

    /// <summary>Any order; -1 where there is no channel.</summary>
    public ChannelPlaces(IEnumerable<int> channels) => this.channels = [.. channels];

    /// <summary>The number of channel blocks.</summary>
    public int Blocks => channels.Length / 8;

    /// <summary>The channel at a place, or -1 where there is none.</summary>
    public int this[int place] => place < channels.Length ? channels[place] : -1;
}
