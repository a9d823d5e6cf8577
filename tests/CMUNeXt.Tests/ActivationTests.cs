namespace CMUNeXt.Tests;

public sealed class ActivationTests
{
    [Fact]
    public void One_output_is_a_sigmoid()
    {
        float[] logits = [0, 1, -1, 0.001f, 20, -20, 100, -100, float.MaxValue, -float.MaxValue, float.PositiveInfinity,
            float.NegativeInfinity];
        float[] probabilities = Activation.Probabilities(logits, 1);
        for (int i = 0; i < logits.Length; i++)
        {
            Assert.Equal(1 / (1 + Math.Exp(-(double)logits[i])), probabilities[i], 1e-6);
        }

        Assert.Equal(0.5f, probabilities[0]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Several_outputs_are_a_softmax_over_the_outputs_of_each_pixel(int outputs)
    {
        float[] logits = [.. Formula.Input(8, outputs * 7).Select(value => 10 * value)];
        float[] probabilities = Activation.Probabilities(logits, outputs);
        for (int i = 0; i < 7; i++)
        {
            double sum = Enumerable.Range(0, outputs).Sum(c => Math.Exp(logits[(c * 7) + i]));
            for (int c = 0; c < outputs; c++)
            {
                Assert.Equal(Math.Exp(logits[(c * 7) + i]) / sum, probabilities[(c * 7) + i], 1e-6);
            }
        }
    }

    [Fact]
    public void Logits_that_are_not_equally_many_for_each_output_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Activation.Probabilities(new float[7], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Activation.Probabilities(new float[7], 0));
    }

    [Fact]
    public void Large_logits_do_not_overflow() =>
        Assert.Equal([0.5f, 0, 0.5f, 1], Activation.Probabilities([3e38f, -3e38f, 3e38f, 3e38f], 2));
}
